/**
 * Methods of layers that users may call and that classes override: `build`, `call`, `computeOutputShape`, `computeMask`.
 * Their arguments are checked, and errors name the layer, also in users' classes: the check is wrapped around a class's
 * own method when the first of its layers is made.
 */
import { checkFlag, checkSettings, hintOf, isWhole, named, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { alive, Tensor } from '../../tensor/tensor';
import { isShapeList, listOf, type Shapes } from './shapes';
import { SymbolicTensor } from './symbolic';

/** What of a layer the checks need to know. */
interface Entered {
  readonly name: string;
  readonly takesOne: boolean;
  /** Whether `build` may be called without a shape. */
  readonly knowsShape: boolean;
}

type Method = (this: Entered, ...args: unknown[]) => unknown;
/** Checks arguments and returns the first one as the method takes it. */
type Check = (layer: Entered, args: readonly unknown[]) => unknown;

const isSize = (d: unknown): boolean => d === null || isWhole(d);
const isShape = (value: unknown): boolean => Array.isArray(value) && Array.from(value).every(isSize);

/** The shape of an input with its batch, or a list of shapes. @throws ShapeError */
export function checkInputShape(value: unknown, where: string): Shapes {
  if (isShape(value) || (Array.isArray(value) && value.length > 0 && Array.from(value).every(isShape)))
    return value as Shapes;
  const got = show(value);
  throw new ShapeError(
    `${where}: inputShape must be a list of non-negative integers or null, as [null, 3], or a list of such shapes; got ${got}${hintOf(value)}`,
  );
}

/** Calls of a layer take one tensor or a list of them. @throws ArgumentError, DisposedError */
export function checkInputs(value: unknown, where: string): void {
  if (Array.isArray(value) && value.length === 0)
    throw new ArgumentError(`${where}: inputs must be a tensor, or a list of tensors, got an empty list`);
  for (const x of listOf(value)) {
    if (x instanceof Tensor) {
      alive(x, where);
      continue;
    }
    const hint =
      x instanceof SymbolicTensor
        ? '; symbolic tensors go through apply, and are not mixed with others'
        : '; sg.tensor makes one of an array';
    const got = x instanceof SymbolicTensor ? 'a symbolic one' : show(x);
    throw new ArgumentError(`${where}: inputs must be a tensor, or a list of tensors, got ${got}${hint}`);
  }
}

/** Masks: one, or one for each input; null and undefined are none. @throws ArgumentError, DisposedError */
function checkMasks(value: unknown, where: string): void {
  for (const mask of listOf(value)) {
    if (mask === undefined || mask === null) continue;
    if (!(mask instanceof Tensor)) throw new ArgumentError(`${where}: mask must be a tensor, got ${show(mask)}`);
    alive(mask, where);
  }
}

/** Further arguments of a call. @throws ArgumentError */
export function checkCallArgs(value: unknown, where: string): void {
  if (value === undefined || value === null) return;
  const { training, mask } = checkSettings(value as { training?: unknown; mask?: unknown }, where, 'args');
  checkFlag(training, where, 'training');
  checkMasks(mask, where);
}

/** The only entry of a list, where one tensor is expected. @throws ArgumentError for another number */
export function theOne<T>(inputs: T | readonly T[], where: string): T {
  const [input, ...more] = listOf(inputs);
  if (input === undefined || more.length > 0)
    throw new ArgumentError(`${where}: takes one tensor, got a list of ${listOf(inputs).length}`);
  return input;
}

function shapeFor(layer: Entered, value: unknown, where: string): Shapes {
  const shape = checkInputShape(value, where);
  return layer.takesOne && isShapeList(shape) ? theOne(shape, where) : shape;
}

const checks: Readonly<Record<string, Check>> = {
  build: (layer, [shape]) => (shape === undefined && layer.knowsShape ? undefined : shapeFor(layer, shape, 'build')),
  computeOutputShape: (layer, [shape, args]) => {
    checkCallArgs(args, 'computeOutputShape');
    return shapeFor(layer, shape, 'computeOutputShape');
  },
  call: (layer, [inputs, args]) => {
    checkInputs(inputs, 'call');
    checkCallArgs(args, 'call');
    return layer.takesOne && Array.isArray(inputs) ? theOne(inputs, 'call') : inputs;
  },
  computeMask: (_, [inputs, mask]) => {
    checkInputs(inputs, 'computeMask');
    checkMasks(mask, 'computeMask');
    return inputs;
  },
};

const checkedFirst = (check: Check, method: Method): Method =>
  function (this: Entered, ...args) {
    // A method without parameters, such as `build()` of a layer with fixed sizes, may be called without arguments.
    if (args.length === 0 && method.length === 0) return method.call(this);
    try {
      const first = check(this, args);
      return method.call(this, first, ...args.slice(1));
    } catch (error) {
      // Not before: a name is given when it is first asked for.
      throw named(this.name, error);
    }
  };

/** Prototypes whose methods are wrapped already. */
const done = new WeakSet<object>();

/** Puts the checks before the methods of a class and of those that it extends, up to and with the base. */
export function checkEntries(prototype: object, base: object): void {
  if (done.has(prototype)) return;
  done.add(prototype);
  for (const [name, check] of Object.entries(checks)) {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof own?.value === 'function')
      Object.defineProperty(prototype, name, { ...own, value: checkedFirst(check, own.value as Method) });
  }
  if (prototype !== base) checkEntries(Object.getPrototypeOf(prototype) as object, base);
}
