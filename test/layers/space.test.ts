/** Layers over signals, images and volumes beside Keras 3, whose results test/goldens/space.py wrote. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/space.json';
import { farOff } from '../support/distance';

type Factories = Record<string, (config?: object) => sg.Layer>;
const factories = sg.layers as unknown as Factories;

/** The generator's small fractions. */
function values(shape: readonly number[], seed: number, low = -1, high = 1): sg.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => low + (high - low) * (((i * 37 + 11 * seed + 5) % 101) / 101),
  );
  return sg.tensor(data, shape);
}

describe('as in Keras 3', () => {
  it.each(goldens.map((g) => [`${g.layer} ${JSON.stringify(g.config)} of [${g.inputs}]`, g] as const))('%s', (_, g) => {
    const layer = factories[g.layer]?.(g.config) as sg.Layer;
    const x = values([g.layer.startsWith('random') ? 2 : 1, ...g.inputs], 1);
    if (g.layer === 'normalization' && !('mean' in g.config))
      (layer as ReturnType<typeof sg.layers.normalization>).adapt(values([6, ...g.inputs], 2, -2, 3));
    else {
      layer.ensureBuilt(x.shape);
      layer.setWeights(layer.weights.map((w, k) => values(w.shape, k + 2)));
    }
    const y = layer.apply(x, { training: g.layer.startsWith('random') });
    expect(y.shape).toEqual(g.shape);
    expect(farOff(y.dataSync(), Float32Array.from(g.values), 1e-4)).toBeUndefined();
  });
});
