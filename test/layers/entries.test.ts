/** What layers' methods are given wrongly: every class's own are checked alike, and errors name the layer. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { layerTable } from '../tables/layers/table';

type Method = 'build' | 'call' | 'computeOutputShape' | 'computeMask' | 'apply';
type AnyLayer = sg.layers.Layer & Record<Method, (...args: unknown[]) => unknown>;
type Make = (args?: unknown) => AnyLayer;

const make = (name: string, config?: object): AnyLayer =>
  (sg.layers as unknown as Record<string, Make>)[name]?.({ ...config, name: 'under_test' }) as AnyLayer;

const gone = sg.tensor([1]);
gone.dispose();
const NO_SHAPES = [undefined, null, 3, 'x', [Number.NaN, 3], [null, 2.5], [null, -3], [null, '3'], [3n], {}, gone];
const NO_TENSORS = [undefined, null, 3, 'x', [], [1, 2], {}, Symbol('s'), gone, [gone], () => 1];
const NO_ARGS = [5, 'x', [], { training: 'yes' }, { mask: 3 }, { mask: [gone] }];

const refuses = (run: () => unknown, name: string): void => {
  expect(run).toThrow(sg.SamegradError);
  expect(run).toThrow(name);
};

const first = [...new Map(layerTable.map((row) => [row.layer, row])).values()];

describe('methods of layers', () => {
  it.each(first)('$layer refuses what is no shape, no tensor, no mask', ({ layer: name, config, inputs }) => {
    const layer = make(name, config);
    const xs = inputs.map((shape) => sg.zeros([2, ...shape], 'float32'));
    const x = xs.length > 1 ? xs : xs[0];
    for (const shape of NO_SHAPES) {
      refuses(() => layer.build(shape), 'under_test: build: inputShape must be');
      refuses(() => layer.computeOutputShape(shape), 'under_test: computeOutputShape: inputShape must be');
    }
    for (const wrong of NO_TENSORS) {
      refuses(() => layer.call(wrong, {}), 'under_test: call: ');
      refuses(() => layer.computeMask(wrong), 'under_test: computeMask: ');
      refuses(() => layer.apply(wrong), 'under_test: ');
    }
    for (const args of NO_ARGS) {
      refuses(() => layer.call(x, args), 'under_test: call: ');
      refuses(() => layer.apply(x, args), 'under_test: ');
    }
    refuses(() => layer.computeMask(x, 'x'), 'under_test: computeMask: mask must be a tensor');
    expect(layer.built).toBe(false);
    sg.dispose(xs);
    layer.dispose();
  });

  it('say what to write', () => {
    const dense = make('dense', { units: 2 });
    expect(() => dense.build(3)).toThrow(
      'under_test: build: inputShape must be a list of non-negative integers or null',
    );
    expect(() => dense.call([[1, 2]], {})).toThrow('under_test: call: inputs must be a tensor, or a list of tensors');
    expect(() => dense.call(sg.input({ shape: [2] }))).toThrow('symbolic tensors go through apply');
    expect(() => dense.apply([])).toThrow('under_test: takes one tensor, got a list of 0');
    expect(() => make('add').apply([])).toThrow('inputs must be a tensor, or a list of tensors, got an empty list');
    expect(() => dense.call([sg.ones([2, 2]), sg.ones([2, 2])])).toThrow('takes one tensor, got a list of 2');
  });

  it('a shape that does not fit builds nothing', () => {
    const dense = make('dense', { units: 2 });
    expect(() => dense.apply(sg.ones([3]))).toThrow('under_test: needs an input of rank 2 or more, got [3]');
    expect((dense.apply(sg.ones([1, 4])) as sg.Tensor).shape).toEqual([1, 2]);
  });

  it('errors of a call name the layer, then the op', () => {
    const dense = make('dense', { units: 2 });
    dense.apply(sg.ones([1, 3]));
    expect(() => dense.call(sg.ones([3]))).toThrow('under_test: matMul: both operands need rank 2');
  });

  it('a list of one stands for it, as for TensorFlow.js', () => {
    const dense = make('dense', { units: 2 });
    dense.build([[null, 3]]);
    expect(dense.computeOutputShape([[null, 3]])).toEqual([null, 2]);
    expect((dense.call([sg.ones([4, 3])], {}) as sg.Tensor).shape).toEqual([4, 2]);
  });

  it('-1 in an input shape is a dimension that is not known, as null', () => {
    const layer = make('conv1d', { filters: 2, kernelSize: 1, inputShape: [-1, 3] });
    expect(layer.batchInputShape).toEqual([null, null, 3]);
    const x = sg.input({ shape: [-1, 3] });
    expect((layer.apply(x) as sg.SymbolicTensor).shape).toEqual([null, null, 2]);
  });

  it('classes of users are checked too, and errors of their own stay as they are', () => {
    class Own extends sg.layers.Layer {
      static override className = 'Own';
      override build(): void {
        throw new RangeError('mine');
      }
      call(x: sg.Tensor): sg.Tensor {
        return x;
      }
    }
    const layer = new Own({ name: 'own' });
    // A build that takes nothing may be given nothing.
    for (const given of [[], [[2]]])
      expect(() => (layer.build as (...shape: unknown[]) => void)(...given)).toThrow(new RangeError('mine'));
    expect(() => (layer.build as (shape: unknown) => void)('x')).toThrow('own: build: inputShape');
    expect(() => layer.call(3 as never)).toThrow('own: call: inputs must be a tensor');
    const x = sg.ones([2]);
    expect(layer.call(x)).toBe(x);
  });
});

describe('what weights are set up with', () => {
  it.each<[() => unknown, string]>([
    [() => sg.initializers.glorotUniform().apply('x' as never), 'initializers.glorotUniform: shape must be'],
    [() => sg.initializers.zeros().apply([1.5]), 'initializers.zeros: shape must be'],
    [() => sg.initializers.fans(undefined as never), 'fans: shape must be'],
    [() => sg.initializers.getInitializer(undefined as never), 'getInitializer: the initializer must be a name'],
    [() => sg.regularizers.getRegularizer(3 as never), 'getRegularizer: the regularizer must be a name'],
    [() => sg.constraints.getConstraint({} as never), 'getConstraint: the constraint must be a name'],
    [() => sg.regularizers.l2().apply(3 as never), 'regularizers.l2: x must be a tensor, got 3'],
    [() => sg.constraints.maxNorm().apply([1] as never), 'constraints.maxNorm: w must be a tensor, got [1]'],
    [() => sg.serialization.serializeLayer({} as never), 'serializeLayer: needs a layer, got {}'],
    [() => sg.serialization.deserializeLayer(undefined as never), 'deserializeLayer: className must be'],
    [() => sg.serialization.deserializeLayer({ className: '__proto__', config: {} }), "unknown class '__proto__'"],
    [() => sg.serialization.deserializeLayer({ className: 'Dense', config: 3 as never }), 'config must be an object'],
  ])('%#: wrong arguments of its functions', (run, text) => {
    refuses(run, text);
  });

  it('layers from settings name what was called', () => {
    const run = (): unknown => sg.serialization.deserializeLayer({ className: 'Dense', config: { units: 0 } });
    expect(run).toThrow('deserializeLayer: dense: units must be a positive integer, got 0');
  });

  it('a function as a layer is checked as the others are', () => {
    expect(() => sg.layers.lambda((x) => x, { nmae: 'a' } as never)).toThrow("did you mean 'name'?");
    expect(() => sg.layers.lambda(undefined as never)).toThrow('lambda: function must be');
  });
});
