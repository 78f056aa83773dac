/** Scopes that dispose of the tensors made in them: `tidy`. */
import { checkFunction, checkText, show } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { Node } from './graph';

/** What can be disposed of, such as a tensor. */
export interface HasDispose {
  /** Frees its memory. */
  dispose(): void;
  /** Called when it is taken out of every scope. @internal */
  outlive?(): void;
}

type Scope = Set<HasDispose>;

const scopes: Scope[] = [];
const kept = new WeakSet<HasDispose>();

/** Adds a new tensor to the innermost scope. */
export function track(tensor: HasDispose): void {
  if (scopes.length) (scopes[scopes.length - 1] as Set<HasDispose>).add(tensor);
}

export function untrack(tensor: HasDispose): void {
  for (let i = 0; i < scopes.length; i++) (scopes[i] as Set<HasDispose>).delete(tensor);
}

/**
 * Takes a tensor out of every scope: it lives until it is disposed of or garbage collected. A tensor that was made
 * inside `minimize`, `grad` or `variableGrads` has its value when the function has ended.
 * @returns the tensor itself
 * @throws ArgumentError unless it is a tensor
 * @example
 * let y;
 * sg.tidy(() => {
 *   y = sg.keep(sg.ones([2]));
 * });
 * y.dataSync(); // [1, 1]
 */
export function keep<T extends HasDispose>(tensor: T): T {
  if (typeof tensor !== 'object' || tensor === null || typeof tensor.dispose !== 'function')
    throw new ArgumentError(`keep: needs a tensor, got ${show(tensor)}`);
  kept.add(tensor);
  untrack(tensor);
  tensor.outlive?.();
  return tensor;
}

/**
 * Adds every disposable in a value: a tensor, or what arrays and objects hold, to any depth. Of arrays, members with
 * names count too.
 */
export function collect(value: unknown, into: Set<HasDispose>, seen?: Set<object>): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Node) return;
  if (isDisposable(value)) {
    into.add(value);
    return;
  }
  if (seen?.has(value)) return;
  const met = (seen ?? new Set()).add(value);
  for (const part of Object.values(value)) collect(part, into, met);
}

const isDisposable = (v: object): v is HasDispose => 'dispose' in v && 'dtype' in v;

/**
 * Runs `fn` and disposes of every tensor that was made meanwhile, except those in its result (also inside arrays and
 * objects) and kept ones. Scopes nest.
 * @param nameOrFn a name (ignored, as in TensorFlow.js), or the function.
 * @returns what `fn` returns
 * @throws ArgumentError if `fn` returns a promise: its tensors would be disposed of before it resolves
 * @example
 * const y = sg.tidy(() => sg.tensor1d([1, 2]).square().sum()); // the square is disposed of
 */
export function tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
  const run = checkFunction(typeof nameOrFn === 'function' ? nameOrFn : fn, 'tidy', 'fn') as () => T;
  if (run !== nameOrFn) checkText(nameOrFn, 'tidy', 'name');
  const scope = openScope();
  let result: T | undefined;
  try {
    result = run();
    if (isPromise(result)) {
      // Nobody else can take the error that it may end in, and the engine would end the process with it.
      result.then(undefined, () => undefined);
      result = undefined;
      throw new ArgumentError(
        'tidy: the function returned a promise; tidy works on synchronous functions, use `using` or dispose()',
      );
    }
    return result;
  } finally {
    closeScope(result, scope);
  }
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** Starts a scope: tensors made from here on belong to it. */
export function openScope(): Scope {
  const scope = new Set<HasDispose>();
  scopes.push(scope);
  return scope;
}

/**
 * Ends a scope, the innermost one by default, and scopes inside that were not ended. Tensors made in it are
 * disposed of, except kept tensors and those in `result`, which pass to the scope around it.
 */
export function closeScope(result?: unknown, scope: Scope | undefined = scopes.at(-1)): void {
  const at = scope ? scopes.lastIndexOf(scope) : -1;
  if (at < 0) return;
  const survivors = new Set<HasDispose>();
  collect(result, survivors);
  const closed = scopes.splice(at);
  const outer = scopes.at(-1);
  for (const made of closed) {
    for (const tensor of made) {
      if (survivors.has(tensor)) outer?.add(tensor);
      else if (!kept.has(tensor)) tensor.dispose();
    }
  }
}

/** Runs `fn` outside all scopes: the caller owns the tensors made in it (weights, programs). */
export function untracked<T>(fn: () => T): T {
  const before = scopes.splice(0);
  try {
    return fn();
  } finally {
    scopes.push(...before);
  }
}
