/** Numbers as bytes: floats of 16 bits, quantized weights, blocks in pieces. */
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { narrowToBrains, narrowToHalves, widenBrains, widenHalves } from '../../src/io/weights/halves';
import { uniform } from '../support/random';

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

const widened = (halves: Uint16Array, widen: typeof widenHalves): Float32Array => {
  const out = new Float32Array(halves.length);
  widen(halves, new Uint32Array(out.buffer));
  return out;
};

/** By the definition: sign, exponent, fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14);
}

describe('floats of 16 bits', () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);

  it('float16 is exact one way, and the way back', () => {
    const values = widened(all, widenHalves);
    expect([...values]).toEqual([...all].map(half));
    const back = narrowToHalves(values);
    for (const i of all) if (!Number.isNaN(values[i])) expect(back[i]).toBe(i);
  });

  it('bfloat16 is the upper half of float32', () => {
    const values = widened(all, widenBrains);
    const back = narrowToBrains(values);
    for (const i of all) if (!Number.isNaN(values[i])) expect(back[i]).toBe(i);
    expect(widened(Uint16Array.of(0x3fc0, 0xc000), widenBrains)).toEqual(Float32Array.of(1.5, -2));
  });

  it('rounds to the nearest, ties to even', () => {
    const numbers = Float32Array.of(
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      65519,
      65520,
      2 ** -25,
      3 * 2 ** -25,
      -(2 ** -14),
      Number.NaN,
    );
    const back = widened(narrowToHalves(numbers), widenHalves);
    expect([...back]).toEqual([1, 1 + 2 ** -9, 65504, Infinity, 0, 2 ** -23, -(2 ** -14), Number.NaN]);
    const brains = widened(narrowToBrains(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8)), widenBrains);
    expect([...brains]).toEqual([1, 1 + 2 ** -6]);
  });
});

describe('encoding', () => {
  it('gives the bytes that TensorFlow.js gives', async () => {
    const values = uniform(1, 6);
    const here = await sg.io.encodeWeights({
      w: sg.tensor(values, [2, 3]),
      n: sg.tensor(Int32Array.of(1, -2)),
      b: sg.tensor([true, false, true]),
    });
    const there = await tfc.io.encodeWeights({
      w: tfc.tensor(values, [2, 3]),
      n: tfc.tensor(Int32Array.of(1, -2)),
      b: tfc.tensor([true, false, true]),
    });
    expect(new Uint8Array(here.data)).toEqual(new Uint8Array(there.data));
    expect(here.specs).toEqual(there.specs);
    const back = sg.io.decodeWeights(here.data, here.specs);
    expect([...(back.b as sg.Tensor).dataSync()]).toEqual([1, 0, 1]);
    expect((back.w as sg.Tensor).shape).toEqual([2, 3]);
  });

  it.each(['uint8', 'uint16', 'float16'] as const)('TensorFlow.js reads what is stored as %s', async (weights) => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 40, inputShape: [30] })] });
    const before = model.getWeights().map((w) => [...w.dataSync()]);
    let parts: sg.io.ModelArtifacts = {};
    await model.save(
      sg.io.withSaveHandler(async (artifacts) => {
        parts = artifacts;
        return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
      { weights },
    );
    const { weightData, weightSpecs } = parts;
    expect((weightData as ArrayBuffer).byteLength).toBe(1240 * (weights === 'uint8' ? 1 : 2));
    const there = tfc.io.decodeWeights(
      weightData as ArrayBuffer,
      weightSpecs as unknown as tfc.io.WeightsManifestEntry[],
    );
    const copy = await sg.loadModel(sg.io.fromMemory(parts));
    const kernel = [...(copy.getWeights()[0] as sg.Tensor).dataSync()];
    expect(kernel).toEqual([...(Object.values(there)[0]?.dataSync() ?? [])]);
    const far = Math.max(...kernel.map((v, i) => Math.abs(v - (before[0]?.[i] as number))));
    expect(far).toBeLessThan({ uint8: 2e-3, uint16: 1e-5, float16: 2e-4 }[weights]);
  });

  it.each([
    ['float16', 2e-4, 0.55],
    ['bfloat16', 2e-3, 0.55],
    ['int8', 2e-3, 0.35],
  ] as const)('files of this library store %s', async (weights, error, share) => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 64, inputShape: [200] })] });
    const whole = await sg.io.toBytes(model);
    const bytes = await sg.io.toBytes(model, { weights });
    expect(bytes.length).toBeLessThan(whole.length * share);
    const [a, b] = [model, await sg.loadModel(bytes)].map((m) => (m.getWeights()[0] as sg.Tensor).dataSync());
    expect(Math.max(...(a as Float32Array).map((v, i) => Math.abs(v - (b?.[i] as number))))).toBeLessThan(error);
  });

  it('reads bytes in pieces of any size', async () => {
    const tensors = { a: sg.tensor(uniform(2, 7)), b: sg.tensor(Int32Array.of(5, 6)), c: sg.tensor(uniform(3, 3)) };
    const { data, specs } = await sg.io.encodeWeights(tensors);
    const pieces = [1, 2, 3, 5, 8, 13].map((n, i, all) => {
      const from = all.slice(0, i).reduce((x, y) => x + y, 0);
      return data.slice(from, i === all.length - 1 ? undefined : from + n);
    });
    const stream = new ReadableStream<ArrayBuffer>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    for (const found of [sg.io.decodeWeights(pieces, specs), await sg.io.decodeWeightsStream(stream, specs)])
      for (const [name, t] of Object.entries(tensors)) expect(found[name]?.dataSync()).toEqual(t.dataSync());
    expect(new Uint8Array(sg.io.concatenateArrayBuffers(pieces))).toEqual(new Uint8Array(data));
    expect(new Uint8Array(new sg.io.CompositeArrayBuffer(pieces).slice(2, 9))).toEqual(
      new Uint8Array(data.slice(2, 9)),
    );
  });

  it('refuses strings by their name, and steps over them by their length', () => {
    const data = new Uint8Array([2, 0, 0, 0, 104, 105, 0, 0, 128, 63]).buffer;
    const specs = [
      { name: 's', shape: [1], dtype: 'string' },
      { name: 'x', shape: [], dtype: 'float32' },
    ] as const;
    expect(() => sg.io.decodeWeights(data, specs)).toThrow(sg.DTypeError);
    expect(() => sg.io.decodeWeights(data.slice(0, 5), specs)).toThrow(sg.FormatError);
  });
});
