/** What becomes of layers that are made from settings, if not all can be made. */
import { context, withContext } from './context';

interface Disposable {
  dispose(): { readonly refCountAfterDispose: number };
}

/** Disposes of a layer whatever holds it. */
export function disposeWholly(layer: Disposable): void {
  while (layer.dispose().refCountAfterDispose > 0);
}

/** The layer, of which whoever makes several at once now knows. */
export function noted<L extends Disposable>(layer: L): L {
  context().made?.push(layer);
  return layer;
}

/** What `make` makes of layers from settings; if it fails, all layers that it made so far are disposed of. */
export function madeOrDisposed<T>(make: () => T): T {
  const outer = context().made;
  const made: Disposable[] = [];
  try {
    const result = withContext({ made }, make);
    outer?.push(...made);
    return result;
  } catch (error) {
    made.forEach(disposeWholly);
    throw error;
  }
}
