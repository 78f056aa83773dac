/** Pictures of trainings: recorded while they go on, and drawn while they go on. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as vis from '../../src/vis';
import { jsonOf, rowsOf, textsOf } from './helpers';

const x = sg.randomNormal([40, 2], 0, 1, 'float32', 1);
const y = sg.randomNormal([40, 3], 0, 1, 'float32', 2);

function compiled(): sg.Sequential {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({
        units: 4,
        activation: 'relu',
        inputShape: [2],
        name: 'hidden',
        kernelInitializer: sg.initializers.glorotUniform({ seed: 3 }),
      }),
      sg.layers.dropout({ rate: 0.2, seed: 4 }),
      sg.layers.dense({ units: 3, name: 'out', kernelInitializer: sg.initializers.glorotUniform({ seed: 5 }) }),
    ],
  });
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

const weightsOf = (model: sg.Sequential): Float32Array[] => model.weights.map((w) => w.dataSync() as Float32Array);

describe('recordDistributions', () => {
  test('records before the training and after each epoch, and changes no bit', async () => {
    const [plain, recorded] = [compiled(), compiled()];
    sg.setSeed(7);
    await plain.fit(x, y, { epochs: 3, verbose: 0 });
    const recorder = vis.recordDistributions({ x, y });
    sg.setSeed(7);
    await recorded.fit(x, y, { epochs: 3, verbose: 0, callbacks: recorder });
    expect(weightsOf(recorded)).toEqual(weightsOf(plain));
    for (const records of [recorder.weights, recorder.gradients])
      expect(Object.values(records).map((list) => list.map(({ step }) => step))).toEqual(
        new Array(4).fill([0, 1, 2, 3]),
      );
    expect(recorder.activations.out?.[3]?.histogram?.count).toBe(40 * 3);
    const last = Object.values(recorder.weights)[0]?.at(-1)?.histogram;
    const [kernel] = weightsOf(recorded) as [Float32Array];
    expect([last?.min, last?.max]).toEqual([Math.min(...kernel), Math.max(...kernel)]);
  });

  test('without examples only weights are recorded', async () => {
    const recorder = vis.recordDistributions({ every: 2 });
    await compiled().fit(x, y, { epochs: 4, verbose: 0, callbacks: recorder });
    expect(Object.values(recorder.weights)[0]?.map(({ step }) => step)).toEqual([0, 2, 4]);
    expect(recorder.gradients).toEqual({});
    expect(() => vis.recordDistributions({ x })).toThrow(/x and y belong together/);
  });
});

describe('distributions', () => {
  test('shares of each step sum up to 1, whatever the bins', async () => {
    const recorder = vis.recordDistributions({ x, y });
    await compiled().fit(x, y, { epochs: 2, verbose: 0, callbacks: recorder });
    for (const bins of [5, 32]) {
      const plots = jsonOf(vis.distributions(recorder.activations, { bins })).concat as unknown as never[];
      const totals = new Map<unknown, number>();
      for (const { step, share } of rowsOf(plots[0] as never))
        totals.set(step, (totals.get(step) ?? 0) + (share as number));
      expect([...totals.keys()]).toEqual([-0.5, 0.5, 1.5]);
      for (const total of totals.values()) expect(total).toBeCloseTo(1, 5);
    }
  });

  test('of one moment are bars over the range of the values', () => {
    const [plot] = jsonOf(vis.distributions({ w: [0, 0, 0, 4] }, { bins: 4 })).concat as unknown as [never];
    expect(rowsOf(plot).map(({ from, to, share }) => [from, to, share])).toEqual([
      [0, 1, 0.75],
      [3, 4, 0.25],
    ]);
  });

  test('without finite values are refused', () => {
    expect(() => vis.distributions({ w: [Number.NaN] })).toThrow(/no finite values/);
  });
});

test('embeddings of more than two dimensions lie along their principal components', () => {
  const points = Array.from({ length: 9 }, (_, i) => [i, 2 * i, i % 2, 0]);
  const picture = jsonOf(vis.embedding(points, { labels: points.map((_, i) => (i % 2 ? 'odd' : 'even')) }));
  const { x: across } = picture.encoding as { x: { title: string } };
  expect(across.title).toMatch(/^PC 1 \(99\.\d %\)$/);
  const [first, second] = rowsOf(picture) as [{ x: number }, { x: number }];
  expect(second.x - first.x).toBeCloseTo(Math.sqrt(5), 1);
  expect(() => vis.embedding([[1], [2]])).toThrow(/at least 2 dimensions, got \[2, 1\]/);
});

describe('modelGraph', () => {
  const input = sg.input({ shape: [8, 8, 1], name: 'image' });
  const conv = sg.layers
    .conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'conv' })
    .apply(input) as sg.SymbolicTensor;
  const skip = sg.layers.conv2d({ filters: 4, kernelSize: 1, name: 'skip' }).apply(input) as sg.SymbolicTensor;
  const sum = sg.layers.add({ name: 'sum' }).apply([conv, skip]) as sg.SymbolicTensor;
  const model = sg.model({ inputs: input, outputs: sum, name: 'branches' });

  test('has a box for each layer and a way for each edge', async () => {
    const picture = jsonOf(await vis.modelGraph(model));
    const [ways, heads, boxes, names] = picture.layer as unknown as never[];
    expect(new Set(rowsOf(ways as never).map(({ edge }) => edge)).size).toBe(4);
    expect(rowsOf(heads as never)).toHaveLength(4);
    expect(rowsOf(boxes as never)).toHaveLength(4);
    expect(rowsOf(names as never).map(({ text }) => text)).toEqual(['image', 'conv', 'skip', 'sum']);
  });

  test('boxes do not overlap, and texts are in the SVG', async () => {
    const picture = await vis.modelGraph(model, { width: 300 });
    const boxes = rowsOf((jsonOf(picture).layer as unknown as never[])[2] as never) as Record<
      'x' | 'x2' | 'y' | 'y2',
      number
    >[];
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) expect(a.x2 <= b.x || b.x2 <= a.x || a.y2 <= b.y || b.y2 <= a.y).toBe(true);
    });
    const svg = await vis.toSVG(picture);
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(['conv', 'Conv2D', '[·, 8, 8, 4]', '40 parameters', 'branches']),
    );
    expect(Number(/width="(\d+)"/.exec(svg)?.[1])).toBeLessThanOrEqual(301);
  });

  test('refuses what is no model', async () => {
    await expect(vis.modelGraph({} as never)).rejects.toThrow(/modelGraph: needs a model/);
  });
});

describe('live', () => {
  const trained = (callback: sg.Callback, epochs = 4): Promise<sg.History> =>
    compiled().fit(x, y, { epochs, batchSize: 20, verbose: 0, callbacks: callback });

  test('shows pictures while the model is trained; the last one has all epochs', async () => {
    const pictures: vis.Picture[] = [];
    await trained(vis.live((picture) => void pictures.push(picture), { interval: 0 }));
    const epochs = pictures.map((p) => rowsOf((jsonOf(p).concat as unknown as [never])[0]).length);
    expect(epochs.length).toBeGreaterThan(1);
    expect(epochs[0]).toBe(1);
    expect(epochs.at(-1)).toBe(4);
  });

  test('of batches', async () => {
    const pictures: vis.Picture[] = [];
    await trained(
      vis.live((picture) => void pictures.push(picture), { updateFreq: 'batch' }),
      3,
    );
    const last = jsonOf(pictures.at(-1) as vis.Picture);
    expect(rowsOf((last.concat as unknown as [never])[0])).toHaveLength(6);
    expect(JSON.stringify(last)).toContain('"title":"batch"');
  });

  test('draws in an element', async () => {
    const element = { innerHTML: '' };
    await trained(vis.live(element, { interval: 0 }));
    expect(textsOf(element.innerHTML)).toEqual(expect.arrayContaining(['epoch', 'loss', 'mean absolute error']));
  });

  test('draws in one output of a notebook', async () => {
    const shown: [unknown, { display_id: string; update: boolean }][] = [];
    const display = async (...args: (typeof shown)[number]): Promise<void> => void shown.push(args);
    const globals = globalThis as { Deno?: unknown };
    globals.Deno = { jupyter: { display } };
    try {
      await trained(vis.live(null, { interval: 0 }));
    } finally {
      delete globals.Deno;
    }
    expect(shown.map(([, { update }]) => update)).toEqual(shown.map((_, i) => i > 0));
    expect(new Set(shown.map(([, { display_id }]) => display_id)).size).toBe(1);
  });

  test('an error of the target ends the training', async () => {
    const broken = vis.live(() => {
      throw new Error('no paper');
    });
    await expect(trained(broken)).rejects.toThrow('no paper');
  });

  test('needs a target where there is neither page nor notebook', () => {
    expect(() => vis.live()).toThrow(sg.RuntimeSupportError);
    expect(() => vis.live('#loss')).toThrow(/no element of the page fits the selector '#loss'/);
    expect(() => vis.live(3 as never)).toThrow(/target must be an element, a selector or a function, got 3/);
  });
});
