/** Scopes that dispose of what was made in them: `tidy`. */
import { ArgumentError } from '../runtime/errors';
import { isPlainObject } from '../runtime/plain';

interface Disposable {
  dispose(): void;
}

const scopes: Set<Disposable>[] = [];
const kept = new WeakSet<Disposable>();

/** Remembers a new tensor in the innermost scope. */
export function track(tensor: Disposable): void {
  if (scopes.length) (scopes[scopes.length - 1] as Set<Disposable>).add(tensor);
}

export function untrack(tensor: Disposable): void {
  for (let i = 0; i < scopes.length; i++) (scopes[i] as Set<Disposable>).delete(tensor);
}

/** Takes a tensor out of every scope: it lives until it is disposed of or collected. */
export function keep<T extends Disposable>(tensor: T): T {
  kept.add(tensor);
  untrack(tensor);
  return tensor;
}

/** Every disposable in a result: a tensor, or arrays and plain objects of them. */
function collect(value: unknown, into: Set<Disposable>, isTensor: (v: unknown) => v is Disposable): void {
  if (isTensor(value)) into.add(value);
  else if (Array.isArray(value)) for (const v of value) collect(v, into, isTensor);
  else if (isPlainObject(value)) {
    for (const v of Object.values(value)) collect(v, into, isTensor);
  }
}

const isDisposable = (v: unknown): v is Disposable =>
  typeof v === 'object' && v !== null && 'dispose' in v && 'dtype' in v;

/**
 * Runs `fn` and disposes of every tensor that was made meanwhile, but those in its result (also inside arrays and
 * plain objects) and kept ones. Scopes nest.
 *
 * @param nameOrFn a name (ignored, as in TensorFlow.js), or the function.
 * @throws ArgumentError if `fn` returns a promise: its tensors would be gone before it is done.
 * @example
 * const y = sg.tidy(() => sg.tensor1d([1, 2]).square().sum()); // the intermediate square is gone
 */
export function tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
  const run = typeof nameOrFn === 'function' ? nameOrFn : fn;
  if (!run) throw new ArgumentError('tidy: a function is needed');
  const scope = openScope();
  let result: T | undefined;
  try {
    result = run();
    if (result instanceof Promise) {
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

/** Begins a scope: what is made from here on belongs to it. */
export function openScope(): object {
  const scope = new Set<Disposable>();
  scopes.push(scope);
  return scope;
}

/**
 * Ends a scope, the innermost one by default, and those opened in it that were not ended. What was made in it is
 * disposed of, but kept tensors and those in `result`, which pass to the scope around it.
 */
export function closeScope(result?: unknown, scope: object | undefined = scopes.at(-1)): void {
  const at = scopes.findIndex((open) => open === scope);
  if (at < 0) return;
  const survivors = new Set<Disposable>();
  collect(result, survivors, isDisposable);
  const closed = scopes.splice(at);
  const outer = scopes.at(-1);
  for (const made of closed) {
    for (const tensor of made) {
      if (survivors.has(tensor)) outer?.add(tensor);
      else if (!kept.has(tensor)) tensor.dispose();
    }
  }
}

/** Runs `fn` outside all scopes: what it makes belongs to whoever holds it (weights, programs). */
export function untracked<T>(fn: () => T): T {
  const before = scopes.splice(0);
  try {
    return fn();
  } finally {
    scopes.push(...before);
  }
}
