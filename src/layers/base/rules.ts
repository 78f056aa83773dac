/** What initializers, regularizers and constraints share: one is named, or is an object, a function, or settings. */
import { checkText, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { lookUp, type OpenName } from '../../support/names';
import { Tensor } from '../../tensor/tensor';
import { classNameOf, nameOf, registered } from './names';

/** A function of a weight, with a name and settings: an initializer, a regularizer or a constraint. */
export interface WeightRule<A extends readonly unknown[]> {
  /** Name of the class, or of the function, in configurations. */
  readonly className: string;
  /** Computes the result. */
  apply(...args: A): Tensor;
  /** Same as `className`. */
  getClassName(): string;
  /** Settings from which it can be made again. */
  getConfig(): Record<string, unknown>;
}

/** A rule as users pass it: a name, an object with `apply`, a function, or class name and settings from `getConfig`. */
export type WeightRuleIdentifier<A extends readonly unknown[], Name extends string = string> =
  | OpenName<Name>
  | { apply(...args: A): Tensor }
  | ((...args: A) => Tensor)
  | { readonly className: string; readonly config: Record<string, unknown> };

/** Rules as this library makes them, which need no check. */
const own = new WeakSet<object>();

/** A complete rule. @param settings from which it can be made again */
export function rule<A extends readonly unknown[]>(
  className: string,
  settings: object | (() => Record<string, unknown>),
  apply: (...args: A) => Tensor,
): WeightRule<A> {
  const getConfig = typeof settings === 'function' ? settings : () => ({ ...settings });
  const made = { className, apply, getClassName: () => className, getConfig } as WeightRule<A>;
  own.add(made);
  return made;
}

/** One kind of rule. */
export interface RuleKind<A extends readonly unknown[]> {
  /** 'initializer', 'regularizer', 'constraint' */
  readonly name: string;
  readonly builtIn: Readonly<Record<string, (config: never) => WeightRule<A>>>;
  /** Checks the result of a user's rule. @throws ShapeError */
  readonly check?: (value: Tensor, where: string) => void;
}

type UserClass<A extends readonly unknown[]> = {
  new (config: Record<string, unknown>): { apply(...args: A): Tensor };
  fromConfig?(cls: unknown, config: Record<string, unknown>): { apply(...args: A): Tensor };
};

const isRuleClass = (value: unknown): boolean =>
  typeof value === 'function' && typeof (value.prototype as { apply?: unknown } | undefined)?.apply === 'function';

/**
 * The rule that is meant. Names may be those of classes and functions that `sg.serialization.registerClass` was given.
 * @throws ArgumentError for an unknown name, or a value that is not a rule
 */
export function findRule<A extends readonly unknown[]>(
  kind: RuleKind<A>,
  identifier: WeightRuleIdentifier<A>,
  where: string,
): WeightRule<A> {
  checkText(where, kind.name, 'where');
  if (typeof identifier === 'string') return named(kind, identifier, {}, where);
  if (isRuleClass(identifier))
    throw new ArgumentError(`${where}: the ${kind.name} is a class; give an object of it, made with new`);
  if (typeof identifier === 'function') {
    const name = nameOf(identifier) ?? (identifier.name || 'custom');
    if (Object.values<unknown>(kind.builtIn).includes(identifier))
      throw new ArgumentError(`${where}: ${name} makes a ${kind.name}: give ${name}() instead`);
    return checked(kind, name, identifier, () => ({}));
  }
  if (typeof identifier === 'object' && identifier !== null) {
    if ('apply' in identifier && typeof identifier.apply === 'function') return ofObject(kind, identifier);
    if ('className' in identifier) return named(kind, identifier.className, identifier.config ?? {}, where);
  }
  throw new ArgumentError(
    `${where}: the ${kind.name} must be a name, a function, an object with apply, or { className, config }; got ${show(identifier)}`,
  );
}

function named<A extends readonly unknown[]>(
  kind: RuleKind<A>,
  name: string,
  config: Record<string, unknown>,
  where: string,
): WeightRule<A> {
  const known = registered(name);
  if (isRuleClass(known)) {
    const cls = known as UserClass<A>;
    return ofObject(kind, cls.fromConfig ? cls.fromConfig(cls, config) : new cls(config));
  }
  if (typeof known === 'function') return findRule(kind, known as (...args: A) => Tensor, where);
  return lookUp(kind.builtIn, name, kind.name, where)(config as never);
}

/** Rules of the library unchanged; users' rules with defaults for what they lack. */
function ofObject<A extends readonly unknown[]>(
  kind: RuleKind<A>,
  object: { apply(...args: A): Tensor; getConfig?: () => Record<string, unknown> },
): WeightRule<A> {
  if (own.has(object)) return object as WeightRule<A>;
  return checked(
    kind,
    classNameOf(object),
    (...args) => object.apply(...args),
    () => object.getConfig?.() ?? {},
  );
}

function checked<A extends readonly unknown[]>(
  kind: RuleKind<A>,
  className: string,
  apply: (...args: A) => Tensor,
  getConfig: () => Record<string, unknown>,
): WeightRule<A> {
  const where = `${kind.name} ${className}`;
  return rule(className, getConfig, (...args: A) => {
    const value: unknown = apply(...args);
    if (!(value instanceof Tensor)) {
      const isFactory = typeof (value as { apply?: unknown } | undefined)?.apply === 'function';
      const hint = isFactory ? `; it makes a ${kind.name}: give ${className}() instead` : '';
      throw new ArgumentError(`${where}: must return a tensor, got ${show(value)}${hint}`);
    }
    kind.check?.(value, where);
    return value;
  });
}
