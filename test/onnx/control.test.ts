/** Branches and loops inside of compiled functions, where only the running program knows what they depend on. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import type { GraphProto, NodeProto } from '../../src/onnx/proto/schema';
import { file, floats, longs, node, port, spread } from './support/build';

await onnx.prepare();

type Numbers = readonly number[];

const numbersOf = (t: sg.Tensor | sg.Tensor[]): number[] => [...(t as sg.Tensor).dataSync()];

/** Slopes of the sum of weighted squares in all elements of x and of a weight, beside central differences. */
function checkSlopes(model: onnx.OnnxModel, x: Numbers, weight: string, shape: readonly number[] = [x.length]): void {
  const w = model.weights[weight] as sg.Variable;
  const loss = (t: sg.Tensor): sg.Tensor => {
    const y = model.execute(t) as sg.Tensor;
    return y
      .square()
      .mul(sg.range(1, y.size + 1).reshape(y.shape))
      .sum();
  };
  const at = sg.jit(loss);
  const given = sg.tensor([...x], [...shape]);
  const step = 1 / 64;
  const differences = (values: Numbers, value: (moved: Float32Array) => number): number[] =>
    values.map((_, i) => {
      const moved = (by: number): number => value(Float32Array.from(values, (v, k) => (k === i ? v + by : v)));
      return (moved(step) - moved(-step)) / (2 * step);
    });
  const close = (found: Numbers, wanted: Numbers): void => {
    const scale = Math.max(1, ...wanted.map(Math.abs));
    found.forEach((v, i) => {
      expect(Math.abs(v - (wanted[i] as number)) / scale).toBeLessThan(2e-3);
    });
  };
  close(
    numbersOf(sg.jit(sg.grad(loss))(given)),
    differences(x, (moved) => at(sg.tensor(moved, [...shape])).dataSync()[0] as number),
  );
  const { grads } = sg.variableGrads(() => loss(given));
  const values = [...w.dataSync()];
  close(
    numbersOf(grads[weight] as sg.Tensor),
    differences(values, (moved) => {
      w.assign(sg.tensor(moved, w.shape));
      return at(given).dataSync()[0] as number;
    }),
  );
  w.assign(sg.tensor(values, w.shape));
}

const ports = { input: [port('x', ['n'])], output: [port('y', undefined)] };

describe('If on a computed condition', () => {
  const branch = (name: string, op: string, operand = 'w'): GraphProto => ({
    name,
    node: [node(op, ['x', operand], [name])],
    output: [port(name, undefined)],
  });
  const chosen = (then: GraphProto, other: GraphProto): NodeProto[] => [
    node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }),
    node('Greater', ['sum', 'limit'], ['c']),
    node('If', ['c'], ['y'], { then_branch: then, else_branch: other }),
  ];
  const graph = (then: GraphProto, other: GraphProto): Uint8Array =>
    file({
      ...ports,
      node: chosen(then, other),
      initializer: [floats('w', [3], [2, -3, 0.5]), floats('limit', [], [1]), floats('m', [2, 2], [1, 2, 3, 4])],
    });

  test('computes both branches in a compiled function, and has the values and slopes of the one that is taken', () => {
    const model = onnx.loadSync(graph(branch('a', 'Mul'), branch('b', 'Sub')));
    const compiled = sg.jit((t: sg.Tensor) => model.execute(t) as sg.Tensor);
    for (const x of [
      [1, -2, 3],
      [0.25, 0.5, -1],
    ]) {
      const given = sg.tensor(x);
      expect(numbersOf(compiled(given))).toEqual(numbersOf(model.predict(given)));
      checkSlopes(model, x, 'w');
    }
    model.dispose();
  });

  test('trains by fit', async () => {
    const model = onnx.loadSync(
      file({
        input: [port('x', ['batch', 3])],
        output: [port('y', ['batch', 3])],
        node: chosen(branch('a', 'Mul'), branch('b', 'Mul', 'v')),
        initializer: [floats('w', [3], [2, -3, 0.5]), floats('v', [3], [1, 1, 1]), floats('limit', [], [0])],
      }),
    );
    model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const xs = sg.tensor([1, 2, 3, 1, 1, 1], [2, 3]);
    const { history } = await model.fit(xs, xs.mul(2), { epochs: 20, batchSize: 2, verbose: 0 });
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 10);
    // The branch that is not taken learns nothing.
    expect(numbersOf(model.weights.v as sg.Variable)).toEqual([1, 1, 1]);
    model.dispose();
  });

  test('names the node if its branches are not alike, or one of them does not fit', () => {
    const cases: readonly [GraphProto, RegExp][] = [
      [
        { name: 'b', node: [node('Concat', ['x', 'w'], ['b'], { axis: 0 })], output: [port('b', undefined)] },
        /node 'y' \(If-1\): output 0 is float32 \[3\] or float32 \[6\].*only when it runs/,
      ],
      [
        branch('b', 'MatMul', 'm'),
        /node 'y' \(If-1\): else_branch is computed whether or not it is taken.*node '.*b' \(MatMul/,
      ],
    ];
    for (const [other, message] of cases) {
      const model = onnx.loadSync(graph(branch('a', 'Mul'), other));
      const x = sg.tensor([1, -2, 3]);
      expect(numbersOf(model.predict(x))).toEqual([2, 6, 1.5]);
      expect(() => sg.jit((t: sg.Tensor) => model.execute(t))(x)).toThrow(message);
      model.dispose();
    }
  });

  test('statistics of a normalization move in the branch that is taken alone', async () => {
    const normalized = (name: string, of: string): GraphProto => ({
      name,
      node: [node('BatchNormalization', ['x', `${of}.scale`, `${of}.bias`, `${of}.mean`, `${of}.variance`], [name])],
      output: [port(name, undefined)],
    });
    const stored = (of: string): ReturnType<typeof floats>[] =>
      ['scale', 'bias', 'mean', 'variance'].map((part) =>
        floats(`${of}.${part}`, [2], part === 'bias' ? [0, 0] : [1, 1]),
      );
    const model = onnx.loadSync(
      file({
        input: [port('x', ['batch', 2])],
        output: [port('y', ['batch', 2])],
        node: chosen(normalized('a', 'up'), normalized('b', 'down')),
        initializer: [...stored('up'), ...stored('down'), floats('limit', [], [0])],
      }),
    );
    model.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError' });
    const xs = sg.tensor([1, 2, 3, 6], [2, 2]);
    await model.fit(xs, xs, { epochs: 1, batchSize: 2, verbose: 0 });
    // 0.9 of what was there, a tenth of the mean of the batch.
    expect(numbersOf((model.weights['up.mean'] as sg.Variable).sub([1.1, 1.3])).every((d) => Math.abs(d) < 1e-6)).toBe(
      true,
    );
    expect(numbersOf(model.weights['down.mean'] as sg.Variable)).toEqual([1, 1]);
    model.dispose();
  });
});

describe('Loop', () => {
  /** v = v w, until its sum is above a limit. */
  const untilAbove = (most: number, isListed = false): Uint8Array => {
    const body: GraphProto = {
      name: 'body',
      node: [
        node('Mul', ['v', 'w'], ['next']),
        node('ReduceSum', ['next'], ['sum'], { keepdims: 0 }),
        node('Less', ['sum', 'limit'], ['again']),
        node('Identity', ['sum'], ['row']),
      ],
      input: [port('i', [], 'int64'), port('c', [], 'bool'), port('v', ['n'])],
      output: [port('again', [], 'bool'), port('next', ['n']), ...(isListed ? [port('row', [])] : [])],
    };
    return file({
      ...ports,
      node: [node('Loop', ['most', '', 'x'], isListed ? ['y', 'rows'] : ['y'], { body })],
      output: [port('y', ['n']), ...(isListed ? [port('rows', ['t'])] : [])],
      initializer: [longs('most', [], [most]), floats('w', [2], [1.5, 1.25]), floats('limit', [], [10])],
    });
  };

  test('whose end is computed runs all of its steps in a compiled function, and keeps what it had at the end', () => {
    const model = onnx.loadSync(untilAbove(12));
    const compiled = sg.jit((t: sg.Tensor) => model.execute(t) as sg.Tensor);
    for (const x of [
      [1, 2],
      [0.25, 0.25],
      [20, 1],
      [0, -1],
    ]) {
      const given = sg.tensor(x);
      expect(numbersOf(compiled(given))).toEqual(numbersOf(model.predict(given)));
    }
    checkSlopes(model, [1, 1.5], 'w');
    model.dispose();
  });

  test('names itself if it may have too many steps, or outputs of all steps', () => {
    for (const [bytes, message] of [
      [untilAbove(5000), /node 'y' \(Loop-1\).*at most 1024, and the loop may have 5000/],
      [untilAbove(12, true), /node 'y' \(Loop-1\).*outputs of every step have no shape/],
    ] as const) {
      const model = onnx.loadSync(bytes);
      const x = sg.tensor([1, 2]);
      model.predict(x);
      expect(() => sg.jit((t: sg.Tensor) => model.execute(t))(x)).toThrow(message);
      model.dispose();
    }
  });

  /** Sums of powers: as many steps as are stored, with an output of each. */
  const powers = (most: number): Uint8Array =>
    file({
      ...ports,
      node: [
        node('Loop', ['most', '', 'x'], ['last', 'all'], {
          body: {
            name: 'body',
            node: [
              node('Gather', ['w', 'i'], ['factor']),
              node('Mul', ['v', 'factor'], ['next']),
              node('Tanh', ['next'], ['row']),
              node('Identity', ['c'], ['again']),
            ],
            input: [port('i', [], 'int64'), port('c', [], 'bool'), port('v', ['n'])],
            output: [port('again', [], 'bool'), port('next', ['n']), port('row', ['n'])],
          },
        }),
        node('ReduceSum', ['all', 'zero'], ['y'], { keepdims: 0 }),
      ],
      initializer: [longs('most', [], [most]), longs('zero', [1], [0]), floats('w', [24], spread(24, 0.7, 1.2))],
    });

  test('of many steps is a loop of the program, with the bits of its steps one by one, and trains', () => {
    const model = onnx.loadSync(powers(24));
    const x = sg.tensor([0.5, -1, 0.25]);
    const rows: sg.Tensor[] = [];
    let v: sg.Tensor = x;
    for (let i = 0; i < 24; i++) {
      v = v.mul((model.weights.w as sg.Variable).slice([i], [1]).reshape([]));
      rows.push(v.tanh());
    }
    const eager = numbersOf(sg.stack(rows).sum(0));
    expect(numbersOf(model.predict(x))).toEqual(eager);
    const compiled = sg.jit((t: sg.Tensor) => model.execute(t) as sg.Tensor);
    expect(numbersOf(compiled(x))).toEqual(eager);
    expect(compiled.describe(x)).toMatch(/loop/);
    checkSlopes(model, [0.5, -1, 0.25], 'w');
    model.dispose();
  });
});

describe('Scan', () => {
  /** h = tanh(h w + x), over time in either direction, along any axis. */
  const recurrent = (attributes: Record<string, number | readonly number[]>): Uint8Array =>
    file({
      input: [port('h', [2]), port('xs', ['a', 'b'])],
      output: [port('y', undefined)],
      node: [
        node('Scan', ['h', 'xs'], ['last', 'y'], {
          num_scan_inputs: 1,
          ...attributes,
          body: {
            name: 'body',
            node: [
              node('Mul', ['state', 'w'], ['product']),
              node('Add', ['product', 'x'], ['sum']),
              node('Tanh', ['sum'], ['next']),
              node('Identity', ['next'], ['row']),
            ],
            input: [port('state', [2]), port('x', [2])],
            output: [port('next', [2]), port('row', [2])],
          },
        }),
      ],
      initializer: [floats('w', [2], [0.75, -0.5])],
    });
  const TIME = 16;
  type Attributes = Record<string, readonly number[]>;
  /** Step by step, by eager ops. */
  function stepped(w: sg.Tensor, h: sg.Tensor, xs: sg.Tensor, attributes: Attributes): sg.Tensor {
    const [axis = 0] = attributes.scan_input_axes ?? [];
    const slices = sg.unstack(xs, axis);
    let state = h;
    const rows = (attributes.scan_input_directions ? slices.reverse() : slices).map((x) => {
      state = state.mul(w).add(x).tanh();
      return state;
    });
    return sg.stack(attributes.scan_output_directions ? rows.reverse() : rows, axis);
  }
  const cases: readonly [string, Attributes, readonly number[]][] = [
    ['forward', {}, [TIME, 2]],
    ['backwards', { scan_input_directions: [1] }, [TIME, 2]],
    ['backwards, results in their places', { scan_input_directions: [1], scan_output_directions: [1] }, [TIME, 2]],
    ['results backwards', { scan_output_directions: [1] }, [TIME, 2]],
    ['along the last axis', { scan_input_axes: [1], scan_output_axes: [-1] }, [2, TIME]],
  ];

  test.each(cases)('%s: a loop of the program has the bits of single steps, and trains', (_, attributes, shape) => {
    const model = onnx.loadSync(recurrent(attributes));
    const h = sg.tensor([0.5, -0.25]);
    const xs = sg.tensor(spread(2 * TIME, -1, 1), [...shape]);
    const eager = stepped(model.weights.w as sg.Variable, h, xs, attributes);
    expect(numbersOf(model.predict([h, xs]))).toEqual(numbersOf(eager));
    const f = (t: sg.Tensor): sg.Tensor => model.execute([h, t]) as sg.Tensor;
    const compiled = sg.jit(f);
    expect(compiled(xs).shape).toEqual(eager.shape);
    expect(numbersOf(compiled(xs))).toEqual(numbersOf(eager));
    expect(compiled.describe(xs)).toMatch(/loop/);
    const slopes = numbersOf(sg.grad((t) => f(t).square().sum())(xs));
    const at = (i: number, by: number): number => {
      const moved = [...xs.dataSync()];
      moved[i] = (moved[i] as number) + by;
      return compiled(sg.tensor(moved, xs.shape)).square().sum().dataSync()[0] as number;
    };
    for (const i of [0, 7, 2 * TIME - 1]) expect(slopes[i]).toBeCloseTo((at(i, 1 / 64) - at(i, -1 / 64)) * 32, 2);
    model.dispose();
  });
});
