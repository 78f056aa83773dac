/** Models that contain an imported graph, written again as one graph. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import { faultsOf, see } from './graphs';
import { file, floats, longs, node, port, spread } from './support/build';

await onnx.prepare();

/** Numbers of the positions are added to rows, and a product of them is cut at. */
const text = (opset = 11): Uint8Array =>
  file(
    {
      node: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'one'], ['length'], { axis: 0 }),
        node('Range', ['zero', 'length', 'one'], ['places']),
        node('Cast', ['places'], ['at'], { to: 1 }),
        node('Unsqueeze', ['at'], ['row'], { axes: [0, 2] }),
        node('Mul', ['x', 'row'], ['placed']),
        node('MatMul', ['placed', 'kernel'], ['onnx']),
        node('Softmax', ['onnx'], ['y'], { axis: 2 }),
      ],
      initializer: [longs('zero', [], [0]), longs('one', [], [1]), floats('kernel', [3, 4], spread(12, -1, 1))],
      input: [port('x', ['n', 't', 3])],
      output: [port('y', ['n', 't', 4])],
    },
    opset,
  );

const x = (n: number, t: number): sg.Tensor => sg.tensor(spread(n * t * 3, -1, 1), [n, t, 3]);
const one = (y: sg.Tensor | sg.Tensor[]): sg.Tensor => y as sg.Tensor;

/** A graph among layers, two times, with a layer that has the name of a value of the graph. */
function around(graph: onnx.OnnxModel): sg.LayersModel {
  const inputs = sg.input({ shape: [null, 3], name: 'x' });
  const features = graph.asLayer({ outputs: 'onnx', name: 'onnx', trainable: true });
  const back = sg.layers.dense({ units: 3, name: 'kernel' });
  const twice = features.apply(back.apply(features.apply(inputs) as sg.SymbolicTensor)) as sg.SymbolicTensor;
  const pooled = sg.layers.globalAveragePooling1d({}).apply(twice) as sg.SymbolicTensor;
  return sg.model({ inputs, outputs: sg.layers.dense({ units: 2, name: 'head' }).apply(pooled) });
}

test('a graph among layers is part of one file, at one opset, with all dimensions open', async () => {
  sg.setSeed(1);
  const graph = onnx.loadSync(text());
  const model = around(graph);
  const bytes = await onnx.toONNX(model);
  const seen = see(bytes);
  expect(seen.model.opsetImport).toEqual([{ domain: '', version: 18 }]);
  expect(faultsOf(seen.graph)).toEqual([]);
  expect(seen.ops).toContain('Range');
  expect(seen.stored).toEqual(expect.arrayContaining(['kernel/kernel', 'head/kernel']));
  expect(new Set(seen.stored).size).toBe(seen.stored.length);
  const read = onnx.loadSync(bytes);
  for (const [n, t] of [
    [1, 1],
    [3, 5],
    [2, 70],
  ] as const)
    expect([...one(read.predict(x(n, t))).dataSync()]).toEqual([...one(model.predict(x(n, t))).dataSync()]);
  read.dispose();
  graph.dispose();
});

test('weights that were trained are those of the file', async () => {
  sg.setSeed(2);
  const graph = onnx.loadSync(text());
  const model = around(graph);
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
  const before = await onnx.toONNX(model);
  await model.fit(x(4, 5), sg.ones([4, 2]), { epochs: 1, verbose: 0 });
  const read = onnx.loadSync(await onnx.toONNX(model));
  const old = onnx.loadSync(before);
  const wanted = [...one(model.predict(x(2, 5))).dataSync()];
  expect([...one(read.predict(x(2, 5))).dataSync()]).toEqual(wanted);
  expect([...one(old.predict(x(2, 5))).dataSync()]).not.toEqual(wanted);
  for (const one of [read, old, graph]) one.dispose();
});

test('indices that follow from several open dimensions are computed', async () => {
  // One grid of [batch, place, component], one range whose step is a size.
  const pick = (t: sg.Tensor): sg.Tensor => {
    const [n, m] = t.shape as [number, number];
    const grid = sg.tensor(
      Array.from({ length: n * m * 2 }, (_, i) => (i % 2 ? 3 + 2 * (Math.floor(i / 2) % m) : Math.floor(i / (2 * m)))),
      [n, m, 2],
    );
    const rows = sg.tensor(
      Array.from({ length: n }, (_, i) => i * m),
      [n, 1, 1],
    );
    return t.expandDims(-1).mul(grid).add(rows);
  };
  const bytes = await onnx.toONNX(pick, { inputs: [['n', 'm']] });
  const read = onnx.loadSync(bytes);
  for (const [n, m] of [
    [4, 3],
    [1, 9],
    [5, 1],
  ] as const) {
    const t = sg.tensor(spread(n * m, -1, 1), [n, m]);
    expect([...one(read.predict(t)).dataSync()]).toEqual([...pick(t).dataSync()]);
  }
  const mask = (t: sg.Tensor): sg.Tensor => {
    const [n, m] = t.shape as [number, number];
    const below = Float32Array.from({ length: n * m }, (_, i) => Number(i % m <= i / m));
    return t.mul(sg.tensor(below, [n, m]));
  };
  await expect(onnx.toONNX(mask, { inputs: [['n', 'm']] })).rejects.toThrow(/made for each size.*inputShapes/);
  read.dispose();
});

test('places among dimensions of which two are open are found by sizes', async () => {
  const pick = (t: sg.Tensor): sg.Tensor => {
    const [n] = t.shape as [number];
    const rows = sg.tensor(
      Array.from({ length: n }, (_, i) => i),
      [n, 1],
      'int32',
    );
    return sg.gatherND(t, sg.concat([rows, sg.onesLike(rows), sg.zerosLike(rows)], 1));
  };
  const read = onnx.loadSync(await onnx.toONNX(pick, { inputs: [['n', 'm', 3]] }));
  for (const [n, m] of [
    [4, 3],
    [1, 9],
  ] as const)
    expect([...one(read.predict(x(n, m))).dataSync()]).toEqual([...pick(x(n, m)).dataSync()]);
  await expect(onnx.toONNX(pick, { inputs: [['n', 'm', 'm']] })).rejects.toThrow(
    /reshape is not a whole multiple.*inputShapes/,
  );
  read.dispose();
});

test('sizes that do not fit, and a model that is a file already, are refused with the mend', async () => {
  const graph = onnx.loadSync(text());
  const inputs = sg.input({ shape: [null, 3] });
  const head = sg.sequential({ layers: [sg.layers.flatten({ inputShape: [5, 4] }), sg.layers.layerNormalization()] });
  const features = graph.asLayer({ outputs: 'onnx' }).apply(inputs) as sg.SymbolicTensor;
  const model = sg.model({ inputs, outputs: head.apply(features) as sg.SymbolicTensor });
  await expect(onnx.toONNX(model)).rejects.toThrow(sg.ArgumentError);
  await expect(onnx.toONNX(model)).rejects.toThrow(/stand for open dimensions.*inputShapes/);
  const read = onnx.loadSync(await onnx.toONNX(model, { inputShapes: ['batch', 5, 3] }));
  expect([...one(read.predict(x(2, 5))).dataSync()]).toEqual([...one(model.predict(x(2, 5))).dataSync()]);
  await expect(onnx.toONNX(graph as never)).rejects.toThrow(/toBytes\(\).*asModel\(\)/);
  read.dispose();
  graph.dispose();
});
