/** Models that are made together with their layers, from settings. */
import type { Layer } from '../layers/base/layer';
import { disposeWholly, madeOrDisposed } from '../layers/base/made';
import { Model } from './model';

/**
 * Makes a model of layers that nothing else uses: they are disposed of with it, and at once if it cannot be made.
 * @param make is given a function that it passes each layer to
 */
export function assembled<T>(make: (note: <L extends Layer>(layer: L) => L) => T): T {
  const layers: Layer[] = [];
  const note = <L extends Layer>(layer: L): L => {
    layers.push(layer);
    return layer;
  };
  return madeOrDisposed(() => {
    const model = make(note);
    const used = new Set(model instanceof Model ? model.layers : layers);
    for (const layer of layers) {
      // The model holds models inside now; whoever made them does not.
      if (!used.has(layer)) disposeWholly(layer);
      else if (layer instanceof Model) layer.release();
    }
    return model;
  });
}
