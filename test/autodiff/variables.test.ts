/** Gradients with respect to variables, gradients of the user's own, and optimizers that step by them. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
const read = (t: Tensor | null | undefined): number[] => [...(t as Tensor).dataSync()];

describe('variableGrads', () => {
  it('gives value and gradients of the variables that are read, by name', () => {
    const [a, b] = [sg.variable(sg.tensor1d([1, 2]), true, 'va'), sg.variable(sg.tensor1d([3, 4]), true, 'vb')];
    sg.variable(sg.tensor1d([9, 9]), true, 'unused');
    const frozen = sg.variable(sg.scalar(2), false, 'frozen');
    const { value, grads } = sg.variableGrads(() => a.mul(b).sum().mul(frozen));
    expect(read(value)).toEqual([22]);
    expect(Object.keys(grads)).toEqual(['va', 'vb']);
    expect([...read(grads.va), ...read(grads.vb)]).toEqual([6, 8, 2, 4]);
  });

  it('also of what leaves a variable as it is', () => {
    const w = sg.variable(sg.tensor1d([1, 2]), true, 'same');
    for (const f of [() => w.reshape([2]), () => w.cast('float32'), () => w.clone()])
      expect(read(sg.variableGrads(() => f().square().sum()).grads.same)).toEqual([2, 4]);
    const square = sg.jit(() => w.reshape([2]).square());
    square();
    w.assign(sg.tensor1d([3, 4]));
    expect(read(square())).toEqual([9, 16]);
  });

  it('only those of a list', () => {
    const [a, b] = [sg.variable(sg.scalar(2), true, 'la'), sg.variable(sg.scalar(5), true, 'lb')];
    expect(Object.keys(sg.variableGrads(() => a.mul(b), b).grads)).toEqual(['lb']);
    expect(Object.keys(sg.variableGrads(() => a.square(), [a, b]).grads)).toEqual(['la']);
  });

  it('only what f itself does with a variable counts', () => {
    const w = sg.variable(sg.scalar(3), true, 'w3');
    const slope = sg.jit(() => {
      const outside = w.square();
      return sg.variableGrads(() => w.mul(outside)).grads.w3 as Tensor;
    });
    expect(read(slope())).toEqual([9]);
  });

  it('of an assigned variable: the sum over all reads, none through what was assigned (as in TensorFlow.js)', () => {
    const w = sg.variable(sg.scalar(3), true, 'w4');
    const f = sg.jit(() => {
      w.assign(sg.scalar(5));
      return sg.variableGrads(() => w.square()).grads.w4 as Tensor;
    });
    expect(read(f())).toEqual([10]);
    const g = sg.variableGrads(() => {
      const before = w.square();
      w.assign(sg.scalar(7));
      return before.add(w.square());
    });
    expect([read(g.value), read(g.grads.w4), read(w)]).toEqual([[74], [24], [7]]);
    const h = sg.variableGrads(() => {
      w.assign(w.mul(0.5));
      return w.square();
    });
    expect([read(h.value), read(h.grads.w4), read(w)]).toEqual([[12.25], [7], [3.5]]);
  });

  it('gradients of gradients', () => {
    const w = sg.variable(sg.scalar(2), true, 'w5');
    const x = sg.scalar(3);
    // d/dw (d/dx w x³)² = 2 (3 w x²) 3 x²
    const penalty = (): Tensor =>
      sg
        .grad((t) => w.mul(t).mul(t).mul(t))(x)
        .square();
    expect(read(sg.variableGrads(penalty).grads.w5)).toEqual([2 * 54 * 27]);
  });

  it.each([
    ['no scalar', () => sg.variableGrads(() => sg.variable(sg.ones([2])).mul(2)), sg.ShapeError],
    ['no variable', () => sg.variableGrads(() => sg.scalar(2)), sg.ArgumentError],
    ['a list without trainable ones', () => sg.variableGrads(() => sg.scalar(2), []), sg.ArgumentError],
    ['no tensor', () => sg.variableGrads(() => 3 as never), sg.ArgumentError],
    [
      'two of one name',
      () => {
        const [a, b] = [sg.variable(sg.scalar(2), true, 'twin'), sg.variable(sg.scalar(3), true, 'twin')];
        return sg.variableGrads(() => a.mul(b));
      },
      sg.ArgumentError,
    ],
  ])('%s: an error', (_, run, kind) => expect(run).toThrow(kind));
});

describe('stopGradient', () => {
  it('is the value, and lets no gradient through', () => {
    const x = sg.tensor1d([2, -3]);
    expect(read(sg.stopGradient(x))).toEqual([2, -3]);
    expect(read(sg.grad((t) => t.mul(sg.stopGradient(t)).sum())(x))).toEqual([2, -3]);
    expect(read(sg.grad((t) => sg.stopGradient(t).sum())(x))).toEqual([0, 0]);
  });
});

describe('customGrad', () => {
  it('outside gradients it is the function', () => {
    const f = sg.customGrad((x: Tensor) => ({ value: x.square(), gradFunc: (dy) => dy }));
    expect(read(f([3]))).toEqual([9]);
  });

  it('inside, the gradient is what it says, also where the value depends on other things', () => {
    const y = sg.scalar(4);
    const f = sg.customGrad((x: Tensor) => ({ value: x.square().mul(y), gradFunc: (dy) => dy.mul(7) }));
    expect(read(sg.grad((x) => f(x.mul(2)).sum())([3]))).toEqual([14]);
    expect(read(sg.grad((t) => f(t).add(t.square()).sum())([3]))).toEqual([13]);
  });

  it.each([
    ['no gradFunc', () => sg.customGrad(((x: Tensor) => ({ value: x })) as never)([1]), sg.ArgumentError],
    [
      'a gradient of another shape',
      () =>
        sg.grad((t) =>
          sg
            .customGrad((x: Tensor) => ({ value: x, gradFunc: () => sg.ones([3]) }))(t)
            .sum(),
        )([1]),
      sg.ShapeError,
    ],
    [
      'too few gradients',
      () =>
        sg.grad((t) =>
          sg
            .customGrad((a: Tensor, _b: Tensor) => ({ value: a, gradFunc: (dy) => [dy] }))(t, t)
            .sum(),
        )([1]),
      sg.ArgumentError,
    ],
  ])('%s: an error', (_, run, kind) => expect(run).toThrow(kind));
});

describe('optimizers without a model', () => {
  it('minimize: a step, the cost before it', () => {
    const w = sg.variable(sg.scalar(3));
    const cost = sg.train.sgd(0.1).minimize(() => w.square(), true);
    expectClose([...read(cost), ...read(w)], [9, 2.4], 1e-6);
    expect(sg.train.sgd(0.1).minimize(() => w.square())).toBeNull();
  });

  it.each([
    ['sgd', () => sg.train.sgd(0.1)],
    ['momentum', () => sg.train.momentum(0.1, 0.9)],
    ['nesterov', () => sg.train.momentum(0.1, 0.9, true)],
    ['rmsprop', () => sg.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true)],
    ['adam', () => sg.train.adam(0.01)],
  ])('%s: steps as in a compiled model', async (_, make) => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, useBias: false, inputShape: [3] })] });
    const [x, y] = [sg.tensor2d([[1, 2, 3]]), sg.tensor2d([[1, -1]])];
    const w = sg.variable(model.getWeights()[0] as Tensor, true, 'kernel');
    model.compile({ optimizer: make(), loss: 'meanSquaredError' });
    const optimizer = make();
    for (let i = 0; i < 5; i++) {
      await model.trainOnBatch(x, y);
      optimizer.minimize(() => x.matMul(w).sub(y).square().mean());
    }
    expect(read(w)).toEqual(read(model.getWeights()[0]));
    expect(optimizer.iterations).toBe(5);
  });

  it('applyGradients: by name, by list, clipped by hand', () => {
    const w = sg.variable(sg.tensor1d([1, 2]), true, 'clipped');
    const optimizer = sg.train.sgd(1);
    optimizer.applyGradients({ clipped: sg.tensor1d([1, 0.5]) });
    expect(read(w)).toEqual([0, 1.5]);
    const { grads } = sg.variableGrads(() => w.square().sum());
    optimizer.applyGradients([{ name: 'clipped', tensor: (grads.clipped as Tensor).clipByValue(-1, 1) }]);
    expect(read(w)).toEqual([0, 0.5]);
  });

  it('of a model: uses the state that the model has', async () => {
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, useBias: false, inputShape: [2] })] });
    const [x, y] = [sg.tensor2d([[1, 2]]), sg.tensor2d([[1]])];
    const optimizer = sg.train.momentum(0.1, 0.9);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const copy = sg.variable(model.getWeights()[0] as Tensor, true, 'copy');
    const other = sg.train.momentum(0.1, 0.9);
    for (let i = 0; i < 3; i++) {
      if (i === 1) optimizer.minimize(() => model.call(x, { training: true }).sub(y).square().mean());
      else await model.trainOnBatch(x, y);
      other.minimize(() => x.matMul(copy).sub(y).square().mean());
    }
    expect(read(model.getWeights()[0])).toEqual(read(copy));
  });

  it.each([
    ['an unknown name', { nobody: sg.scalar(1) }, sg.ArgumentError],
    ['another shape', { shaped: sg.ones([3]) }, sg.ShapeError],
    ['no tensor', { shaped: 3 }, sg.ArgumentError],
  ])('%s: an error, nothing changes', (_, grads, kind) => {
    const w = sg.variable(sg.tensor1d([1, 2]), true, 'shaped');
    expect(() => sg.train.sgd(1).applyGradients(grads as never)).toThrow(kind);
    expect(read(w)).toEqual([1, 2]);
    w.dispose();
  });

  it('reads that change nothing are reads too: reshape to the same shape, clone', () => {
    const w = sg.variable(sg.tensor1d([1, 2]), true, 'unchanged');
    const f = sg.jit(() => w.reshape([2]).add(w.clone()));
    expect(read(f())).toEqual([2, 4]);
    w.assign(sg.tensor1d([3, 4]));
    expect(read(f())).toEqual([6, 8]);
    const { grads } = sg.variableGrads(() => w.reshape([2]).mul(w.clone()).sum());
    expect(read(grads.unchanged as sg.Tensor)).toEqual([6, 8]);
    w.dispose();
  });

  it('memory does not grow', () => {
    const w = sg.variable(sg.ones([10]));
    const optimizer = sg.train.adam(0.01);
    const step = (): void => void optimizer.minimize(() => w.square().sum());
    for (let i = 0; i < 3; i++) step();
    const before = sg.memory();
    for (let i = 0; i < 100; i++) step();
    const after = sg.memory();
    // What earlier tests forgot may be collected meanwhile.
    for (const key of ['numTensors', 'numDataBuffers', 'numBytes'] as const)
      expect(after[key], key).toBeLessThanOrEqual(before[key]);
  });
});
