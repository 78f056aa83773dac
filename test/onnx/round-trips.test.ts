/** What is exported and read again predicts the same. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { load, save, toONNX } from '../../src/onnx';
import { farOff } from '../support/distance';
import { uniform } from '../support/random';
import { layerTable } from '../tables/layers/table';

const { layers } = sg;
type Tensor = sg.Tensor;

const listOf = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T]);
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A complaint if a file predicts something else. */
async function compare(
  bytes: Uint8Array,
  xs: readonly Tensor[],
  wanted: readonly Tensor[],
): Promise<string | undefined> {
  const model = await load(bytes);
  const results = listOf(model.predict(xs as Tensor[]) as Tensor | Tensor[]);
  model.dispose();
  if (results.length !== wanted.length) return `${results.length} results, expected ${wanted.length}`;
  for (const [i, want] of wanted.entries()) {
    const got = results[i] as Tensor;
    if (String(got.shape) !== String(want.shape)) return `result ${i}: [${got.shape}], expected [${want.shape}]`;
    if (got.dtype !== want.dtype) return `result ${i}: ${got.dtype}, expected ${want.dtype}`;
    const far = farOff(got.dataSync(), want.dataSync(), 1e-5);
    if (far) return `result ${i}: ${far}`;
  }
  return undefined;
}

describe('every layer', () => {
  const rows = layerTable.filter(({ args }) => !args?.training);

  it('predicts the same after it was written and read', async () => {
    const complaints: string[] = [];
    for (const [row, c] of rows.entries()) {
      const inputs = c.inputs.map((shape) => sg.input({ shape }));
      const layer = (layers as unknown as Record<string, (config: object) => sg.Layer>)[c.layer]?.({ ...c.config });
      const outputs = layer?.apply(inputs.length === 1 ? (inputs[0] as sg.SymbolicTensor) : inputs, { ...c.args });
      const model = sg.model({ inputs, outputs: outputs as sg.SymbolicTensor });
      const values = model.weights.map((w, i) => {
        const drawn = sg.tensor(uniform(31 + i, w.size, -0.5, 0.5), w.shape);
        return /variance/.test(w.name) ? drawn.abs().add(0.1) : drawn;
      });
      model.setWeights(values);
      const xs = c.inputs.map((s, i) => {
        const shape = [3, ...s];
        const drawn = sg.tensor(uniform(row + 7 * i, sizeOf(shape), -1, 1), shape);
        const { below } = c;
        return below
          ? drawn
              .add(1)
              .mul(below / 2)
              .floor()
              .clipByValue(0, below - 1)
          : drawn;
      });
      const wanted = listOf(model.predict(xs) as Tensor | Tensor[]);
      const complaint = await compare(await toONNX(model), xs, wanted).catch((error: Error) => String(error.message));
      if (complaint) complaints.push(`${c.layer} ${JSON.stringify(c.config ?? {})}: ${complaint}`);
      model.dispose();
    }
    expect(complaints).toEqual([]);
  });
});

describe('a file', () => {
  it('takes open dimensions of any size', async () => {
    const [text, other] = [sg.input({ shape: [null], name: 'text' }), sg.input({ shape: [null, 8], name: 'other' })];
    const table = layers.embedding({ inputDim: 20, outputDim: 8, maskZero: true }).apply(text);
    const seen = layers.multiHeadAttention({ numHeads: 2, keyDim: 4 }).apply([table, other, other]);
    const states = layers.gru({ units: 4, returnSequences: true }).apply(seen as sg.SymbolicTensor);
    const scores = layers.dense({ units: 2 }).apply(states);
    const model = sg.model({ inputs: [text, other], outputs: [states, scores] });
    const bytes = await toONNX(model);
    for (const [batch, time, length] of [
      [1, 1, 1],
      [2, 7, 3],
      [5, 3, 9],
    ] as const) {
      const xs = [
        sg.tensor(
          Float32Array.from({ length: batch * time }, (_, i) => (i * 3 + 1) % 20),
          [batch, time],
        ),
        sg.tensor(uniform(batch, batch * length * 8, -1, 1), [batch, length, 8]),
      ];
      expect(await compare(bytes, xs, model.predict(xs) as Tensor[])).toBeUndefined();
    }
  });

  it('of a quantized model computes with the same integers', async () => {
    const x = sg.input({ shape: [6] });
    const table = layers.embedding({ inputDim: 50, outputDim: 30 }).apply(x);
    const convolved = layers.conv1d({ filters: 16, kernelSize: 3 }).apply(table);
    const outputs = layers.dense({ units: 20 }).apply(layers.lstm({ units: 16 }).apply(convolved));
    const small = sg.quantize(sg.model({ inputs: x, outputs }));
    const ids = sg.tensor(
      Float32Array.from({ length: 12 }, (_, i) => (i * 7) % 50),
      [2, 6],
    );
    expect(await compare(await toONNX(small), [ids], [small.predict(ids) as Tensor])).toBeUndefined();
  });

  it('of a function has what it computes, gradients too', async () => {
    const w = sg.variable(sg.tensor(uniform(3, 12), [4, 3]), true, 'w');
    const loss = (t: Tensor): Tensor => t.matMul(w).tanh().square().sum();
    const fn = (x: Tensor): Tensor[] => [sg.grad(loss)(x), sg.topk(x, 2).values, x.cumsum(1), x.cumprod(0)];
    const x = sg.tensor(uniform(4, 20), [5, 4]);
    expect(await compare(await toONNX(sg.jit(fn), { inputs: [['n', 4]] }), [x], fn(x))).toBeUndefined();
    w.dispose();
  });
});

describe('saved files', () => {
  it('are loaded by their path, with tensors inside or beside them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samegrad-'));
    try {
      const model = sg.sequential({ layers: [layers.dense({ units: 40, inputShape: [20] })] });
      const x = sg.tensor(uniform(5, 60), [3, 20]);
      const wanted = (model.predict(x) as Tensor).dataSync();
      await save(model, join(folder, 'inside.onnx'));
      await save(model, join(folder, 'beside.onnx'), { externalData: 'beside.data' });
      expect(readdirSync(folder).sort()).toEqual(['beside.data', 'beside.onnx', 'inside.onnx']);
      for (const name of ['inside.onnx', 'beside.onnx']) {
        const copy = await load(join(folder, name));
        expect((copy.predict(x) as Tensor).dataSync()).toEqual(wanted);
        copy.dispose();
      }
      await expect(save(model, 'https://a/b.onnx')).rejects.toThrow(/toONNX returns the bytes/);
      await expect(save(model, join(folder, 'x.onnx'), { externalData: '../x' })).rejects.toThrow(/beside the model/);
      expect(readdirSync(folder)).not.toContain('x.onnx');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
