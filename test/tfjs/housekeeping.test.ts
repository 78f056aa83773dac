/** What TensorFlow.js programs ask of their engine: each answer is true here. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as sg from '../../src/index';

afterEach(() => {
  sg.env().reset();
  vi.restoreAllMocks();
});

describe('backends', () => {
  test('there is one', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await sg.ready()).toBeUndefined();
    expect(await sg.setBackend('wasm')).toBe(true);
    expect(warn).not.toHaveBeenCalled();
    expect(await sg.setBackend('webgl')).toBe(false);
    expect(await sg.setBackend('webgl')).toBe(false);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/webgl.*WebAssembly/);
    expect(sg.getBackend()).toBe('wasm');
    expect(sg.findBackend('wasm')).toBe(sg.backend());
    expect(sg.findBackend('cpu')).toBeNull();
    expect(sg.engine().backendNames()).toEqual(['wasm']);
    expect(sg.engine().findBackend('wasm')).toBe(sg.backend());
    expect(await sg.engine().setBackend('wasm')).toBe(true);
    expect(await sg.engine().ready()).toBeUndefined();
    expect(sg.backend().epsilon()).toBe(1e-7);
    expect(sg.backend().floatPrecision()).toBe(32);
  });

  test('versions', () => {
    const { version, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(sg.version.samegrad).toBe(version);
    expect(sg.version.tfjs).toBe(devDependencies['@tensorflow/tfjs-core']);
  });
});

describe('the state of the engine', () => {
  test('is that of memory', () => {
    const v = sg.variable(sg.scalar(1), true, 'counted');
    const { state } = sg.engine();
    const { numTensors, numBytes, numDataBuffers } = sg.memory();
    expect(state).toMatchObject({ numTensors, numBytes, numDataBuffers });
    expect(state.registeredVariables.counted).toBe(v);
    const kept = sg.tidy(() => sg.engine().keep(sg.ones([1])));
    expect(kept.isDisposed).toBe(false);
    sg.engine().disposeVariables();
    expect(v.isDisposed).toBe(true);
  });
});

describe('op', () => {
  test('makes a function that leaves its result alone', () => {
    const norm = sg.op({ norm_: (x: sg.Tensor) => x.square().sum().sqrt() });
    const x = sg.tensor1d([3, 4]);
    const before = sg.memory().numTensors;
    expect(norm(x).dataSync()[0]).toBe(5);
    expect(sg.memory().numTensors).toBe(before + 1);
    expect(norm.name).toBe('norm');
    expect(sg.grad(norm)(x).arraySync()).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
  });

  test('takes one function', () => {
    expect(() => sg.op({})).toThrow(sg.ArgumentError);
    expect(() => sg.op({ a: () => 1, b: () => 2 })).toThrow(/one function under its name, got 2/);
    expect(() => sg.op({ a: 1 } as never)).toThrow(/f\.a must be a function/);
  });
});

test("the network is the runtime's", async () => {
  const response = await sg.util.fetch('data:text/plain,hello');
  expect(await response.text()).toBe('hello');
});

describe('scopes', () => {
  test('begin and end where the program says', async () => {
    const before = sg.memory().numTensors;
    sg.engine().startScope('step');
    const a = sg.ones([2]);
    await Promise.resolve();
    const [b, c] = [sg.ones([2]), sg.keep(sg.ones([2]))];
    sg.engine().endScope([b]);
    expect([a, b, c].map((t) => t.isDisposed)).toEqual([true, false, false]);
    expect(sg.engine().memory().numTensors).toBe(before + 2);
    b.dispose();
    c.dispose();
  });

  test('a tidy ends what was begun in it', () => {
    let inner: sg.Tensor | undefined;
    const before = sg.memory().numTensors;
    sg.tidy(() => {
      sg.engine().startScope();
      inner = sg.ones([1]);
    });
    expect(inner?.isDisposed).toBe(true);
    expect(sg.memory().numTensors).toBe(before);
    sg.engine().endScope();
  });

  test('variables', () => {
    const v = sg.variable(sg.scalar(1), true, 'mine');
    expect(sg.engine().registeredVariables.mine).toBe(v);
    expect(v.read()).toBe(v);
    expect(v.val).toBe(v);
    expect(v.write(sg.scalar(4)).dataSync()[0]).toBe(4);
    expect(v).toBeInstanceOf(sg.LayerVariable);
    sg.disposeVariables();
    expect(v.isDisposed).toBe(true);
  });
});

describe('flags', () => {
  test('are asked for and set', async () => {
    const env = sg.env();
    expect(env).toBe(sg.ENV);
    expect(env.getBool('PROD')).toBe(false);
    sg.enableProdMode();
    expect(env.getBool('PROD')).toBe(true);
    expect(env.getBool('IS_NODE')).toBe(true);
    expect(env.platformName).toBe('node');
    expect(env.getBool('WEBGL_PACK')).toBe(false);
    env.set('WEBGL_PACK', true);
    expect(await env.getAsync('WEBGL_PACK')).toBe(true);
    expect(() => env.get('NONSENSE')).toThrow(sg.ArgumentError);
    expect(() => env.set('NONSENSE', 1)).toThrow(/NONSENSE/);
    env.setFlags({ PROD: false });
    expect(env.getFlags()).toMatchObject({ PROD: false, WEBGL_PACK: true });
  });

  test('the debug mode tells of NaN, and ends', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    sg.enableDebugMode();
    sg.tensor1d([-1, 1]).sqrt();
    sg.tensor1d([1, 4]).sqrt();
    expect(warn.mock.calls).toEqual([["Found NaN in the result of 'sqrt'"]]);
    sg.env().set('DEBUG', false);
    sg.tensor1d([-1]).sqrt();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('deprecation warnings', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    sg.deprecationWarn('old');
    sg.disableDeprecationWarnings();
    sg.deprecationWarn('older');
    expect(warn.mock.calls).toEqual([['old']]);
  });
});

describe('profiles', () => {
  test('list ops, bytes and shapes', async () => {
    const kept: sg.Tensor[] = [];
    const x = sg.ones([64]);
    const info = await sg.profile(async () => {
      const squared = sg.square(x);
      kept.push(squared);
      await Promise.resolve();
      kept.push(sg.sum(squared));
      return kept.length;
    });
    expect(info.result).toBe(2);
    expect(info.kernelNames).toEqual(['square', 'sum']);
    expect(info.kernels[0]).toMatchObject({ inputShapes: [[64]], outputShapes: [[64]], tensorsAdded: 1 });
    expect(info.newTensors).toBe(2);
    expect(info.newBytes).toBeGreaterThanOrEqual(64 * 4 + 4);
    expect(info.peakBytes).toBeGreaterThan(0);
    await expect(sg.profile(1 as never)).rejects.toThrow(sg.ArgumentError);
    sg.square(x);
    expect(info.kernels).toHaveLength(2);
  });

  test('times count programs', async () => {
    const x = sg.ones([128, 128]);
    const { wallMs, kernelMs } = await sg.time(() => x.matMul(x));
    expect(kernelMs).toBeGreaterThan(0);
    expect(wallMs).toBeGreaterThanOrEqual(kernelMs);
  });
});

test('comparisons for tests', () => {
  const t = sg.test_util;
  t.expectArraysClose([1, 2.0001], [1, 2]);
  t.expectArraysClose(new Float32Array([1]), [1]);
  t.expectArraysEqual(['a'] as never, 'a');
  t.expectNumbersClose(1, 1.0005);
  t.expectValuesInRange([1, 2], 1, 2);
  expect(() => t.expectArraysClose([1, 2.1], [1, 2])).toThrow(/actual\[1\] = 2.1/);
  expect(() => t.expectArraysEqual([[1], [2]], [1, 2])).toThrow(/shapes/);
  expect(() => t.expectArraysEqual(new Int32Array(1), new Float32Array(1))).toThrow(/type/);
  expect(() => t.expectArraysEqual(new Float32Array(1), [1, 2])).toThrow(/lengths/);
  expect(() => t.expectValuesInRange([3], 1, 2)).toThrow(/range/);
});

test('shapes that broadcast, and tensors that a function fills', () => {
  expect(sg.broadcastArgs([2, 1], [3]).arraySync()).toEqual([2, 3]);
  expect(sg.broadcastArgs([2, 1], [3]).dtype).toBe('int32');
  expect(() => sg.broadcastArgs([2], [3])).toThrow(sg.ShapeError);
  let i = 0;
  expect(sg.rand([2, 2], () => i++).arraySync()).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(sg.rand([2], () => 1.7, 'int32').arraySync()).toEqual([1, 1]);
  expect(() => sg.rand([1], () => 1, 'text' as never)).toThrow(sg.DTypeError);
});
