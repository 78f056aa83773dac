/** What a call of a layer passes on to the layers that it calls in turn. */

interface Context {
  /** The layer whose call runs. */
  readonly caller: object | undefined;
  /** Whether layers train, where a call does not say it. */
  readonly training: boolean | undefined;
  /** Which layers could be trained when the model that is being trained was compiled. */
  readonly trainable: ReadonlyMap<object, boolean> | undefined;
}

let current: Context = { caller: undefined, training: undefined, trainable: undefined };

/** Runs `fn` in another context. */
export function withContext<T>(change: Partial<Context>, fn: () => T): T {
  const outer = current;
  current = { ...outer, ...change };
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** The context of the present call. */
export const context = (): Context => current;

/** Whether a layer takes part in the present training: as it was compiled, else as the layer says. */
export const isTrainable = (layer: { readonly trainable: boolean }): boolean =>
  current.trainable?.get(layer) ?? layer.trainable;
