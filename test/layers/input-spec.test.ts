/** Layers that say what their inputs must be. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

class Plain extends sg.layers.Layer {
  static override className = 'Plain';

  constructor(spec: sg.InputSpecArgs | sg.InputSpecArgs[]) {
    super({ name: 'plain' });
    this.inputSpec = Array.isArray(spec) ? spec.map((s) => new sg.InputSpec(s)) : new sg.InputSpec(spec);
  }

  call(inputs: sg.Tensor | readonly sg.Tensor[]) {
    return inputs;
  }
}

describe('inputSpec', () => {
  it.each([
    ['a rank', { ndim: 2 }, [3, 4], [4], /input 0 must have 2 dimensions, got \[4\]/],
    ['a least rank', { minNDim: 2 }, [3, 4, 5], [4], /at least 2 dimensions/],
    ['a largest rank', { maxNDim: 2 }, [], [1, 1, 1], /at most 2 dimensions/],
    ['a shape', { shape: [null, 4] }, [0, 4], [3, 5], /must have shape \[null, 4\].*got \[3, 5\]/],
    ['the rank of a shape', { shape: [null, 4] }, [1, 4], [4], /must have 2 dimensions/],
    ['axes', { axes: { 1: 4, [-1]: 6 } }, [2, 4, 6], [2, 4, 5], /must have 6 elements along axis -1/],
    ['an axis that is not there', { axes: { 3: 4 } }, [2, 2, 2, 4], [2], /must have 4 elements along axis 3/],
  ] as const)('%s', (_, spec, good, bad, message) => {
    const layer = new Plain(spec as sg.InputSpecArgs);
    expect(layer.apply(sg.zeros([...good])).shape).toEqual(good);
    expect(() => layer.apply(sg.zeros([...bad]))).toThrow(sg.ShapeError);
    expect(() => layer.apply(sg.zeros([...bad]))).toThrow(message);
  });

  it('an element type', () => {
    const layer = new Plain({ dtype: 'int32' });
    expect(layer.apply(sg.tensor1d([1], 'int32')).dtype).toBe('int32');
    expect(() => layer.apply(sg.tensor1d([1]))).toThrow(/plain: input 0 must be int32, got '?float32/);
  });

  it('several inputs', () => {
    const layer = new Plain([{ ndim: 1 }, { ndim: 2 }]);
    expect(layer.apply([sg.zeros([1]), sg.zeros([1, 1])])).toHaveLength(2);
    expect(() => layer.apply([sg.zeros([1]), sg.zeros([1])])).toThrow(/input 1 must have 2 dimensions/);
    expect(() => layer.apply(sg.zeros([1]))).toThrow(/takes 2 inputs, got 1/);
  });

  it('holds in models too, where sizes may be unknown', () => {
    const open = sg.input({ shape: [null] });
    expect(new Plain({ axes: { 1: 4 } }).apply(open)).toBeInstanceOf(sg.SymbolicTensor);
    expect(() => new Plain({ ndim: 3 }).apply(open)).toThrow(/must have 3 dimensions, got \[null, null\]/);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [2] })] });
    expect(() => model.add(new Plain({ axes: { [-1]: 4 } }))).toThrow(/must have 4 elements along axis -1/);
    expect(model.layers).toHaveLength(1);
  });

  it('null fits any size of an axis', () => {
    expect(new Plain({ axes: { 0: null, 1: 3 } }).apply(sg.zeros([7, 3])).shape).toEqual([7, 3]);
  });

  it('may ask for more inputs while the layer is built', () => {
    class Pair extends Plain {
      override build(): void {
        this.inputSpec = [new sg.InputSpec({}), new sg.InputSpec({})];
      }
    }
    expect(() => new Pair({}).apply(sg.zeros([2]))).toThrow(/takes 2 inputs, got 1/);
  });

  it('may be set while the layer is built', () => {
    class Fixed extends Plain {
      override build(inputShape: sg.Tensor['shape']): void {
        this.inputSpec = new sg.InputSpec({ axes: { [-1]: inputShape.at(-1) as number } });
      }
    }
    const layer = new Fixed({ minNDim: 1 });
    layer.apply(sg.zeros([2, 3]));
    expect(() => layer.apply(sg.zeros([2, 4]))).toThrow(/must have 3 elements/);
  });
});
