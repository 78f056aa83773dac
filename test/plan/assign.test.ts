/** Variables that are assigned in a program: old values survive, with as few copies as that takes. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { compileProgram } from '../../src/plan/program';
import { record } from '../../src/plan/trace';
import { engine } from '../../src/runtime/engine';
import { Graph } from '../../src/tensor/graph';
import { compile } from './compile';

type Tensor = sg.Tensor;
type Variable = sg.Variable;

const read = (...ts: Tensor[]): number[][] => ts.map((t) => [...t.dataSync()]);
const vectors = (count: number): Variable[] =>
  Array.from({ length: count }, (_, i) => sg.variable(sg.tensor1d([i, i + 10])));

/** Values of fresh variables after a function ran at once, and after it ran compiled. */
function both(count: number, f: (...vs: Variable[]) => unknown): number[][][] {
  return [(g: () => void) => g, (g: () => void) => sg.jit(g)].map((wrap) => {
    const vs = vectors(count);
    wrap(() => void f(...vs))();
    return read(...vs);
  });
}

const rotate = (...vs: Variable[]): void => {
  const olds = vs.map((v) => v.clone());
  vs.forEach((v, i) => {
    v.assign(olds[(i + 1) % olds.length] as Tensor);
  });
};

describe('old values survive', () => {
  it.each<[string, number, (...vs: Variable[]) => unknown, number[][]]>([
    [
      'swap',
      2,
      rotate,
      [
        [1, 11],
        [0, 10],
      ],
    ],
    [
      'rotation',
      3,
      rotate,
      [
        [1, 11],
        [2, 12],
        [0, 10],
      ],
    ],
    [
      'two swaps',
      4,
      (a, b, c, d) => {
        rotate(a as Variable, b as Variable);
        rotate(c as Variable, d as Variable);
      },
      [
        [1, 11],
        [0, 10],
        [3, 13],
        [2, 12],
      ],
    ],
    [
      'a variable that changes and one that takes on its old value',
      2,
      (a, b) => {
        const old = (a as Variable).clone();
        a?.assign(a.mul(2));
        b?.assign(old);
      },
      [
        [0, 20],
        [0, 10],
      ],
    ],
    [
      'a chain, from either end',
      3,
      (a, b, c) => {
        const [x, y] = [a?.clone(), b?.clone()] as [Tensor, Tensor];
        a?.assign(a.add(100));
        b?.assign(x);
        c?.assign(y);
      },
      [
        [100, 110],
        [0, 10],
        [1, 11],
      ],
    ],
    [
      'parts of an old value',
      2,
      (a, b) => {
        const part = (a as Variable).slice([1], [1]);
        a?.assign((b as Variable).clone());
        b?.assign(sg.concat([part, part]));
      },
      [
        [1, 11],
        [10, 10],
      ],
    ],
    [
      'assigned twice',
      2,
      (a, b) => {
        const old = (a as Variable).clone();
        a?.assign(old.add(1));
        b?.assign((a as Variable).clone());
        a?.assign(old);
      },
      [
        [0, 10],
        [1, 11],
      ],
    ],
  ])('%s', (_, count, f, expected) => {
    expect(both(count, f)).toEqual([expected, expected]);
  });

  it('where an optimizer moves the variable', () => {
    const [w, before] = vectors(2) as [Variable, Variable];
    const step = sg.jit(() => {
      const old = w.clone();
      const loss = sg.train.sgd(0.5).minimize(() => w.square().sum(), true, [w]);
      before.assign(old);
      return [old.reshape([2, 1]), w.clone(), loss];
    });
    expect(read(...step(), w, before)).toEqual([[0, 10], [0, 0], [100], [0, 0], [0, 10]]);
  });

  it('where the gradient is the old value', () => {
    const w = sg.variable(sg.tensor1d([1, 2]), true, 'oldGradient');
    sg.jit(() => {
      const old = w.clone();
      w.assign(w.add(10));
      sg.train.sgd(1).applyGradients({ oldGradient: old });
    })();
    expect(read(w)).toEqual([[10, 10]]);
  });

  it('in the argument of a gradient', () => {
    const w = sg.variable(sg.tensor1d([1, 2]));
    const other = sg.variable(sg.tensor1d([0, 0]));
    const g = sg.grad((x) => {
      w.assign(x.mul(5));
      other.assign(x);
      return x.square().sum();
    })(w);
    expect(read(g, w, other)).toEqual([
      [2, 4],
      [5, 10],
      [1, 2],
    ]);
  });

  it('in a sequence that a loop returns as it is', () => {
    const w = sg.variable(sg.tensor1d([1, 2]));
    const f = sg.jit(() => {
      const { ys } = loop((c, [x]) => ({ carry: c, ys: [x as Tensor] }), [sg.scalar(0)], [w]);
      w.assign(w.neg());
      return (ys[0] as Tensor).mul(2);
    });
    expect(read(f(), w)).toEqual([
      [2, 4],
      [-1, -2],
    ]);
  });

  it('in results that stay in the workspace', () => {
    const [a, b] = vectors(2) as [Variable, Variable];
    const graph = new Graph();
    const outputs = record(graph, () => {
      const [x, y] = [a.clone(), b.clone()];
      rotate(a, b);
      return [x, y];
    });
    const { assignments } = graph;
    const program = compileProgram({
      graph,
      inputs: [],
      outputs: outputs.map((t) => t.node(graph, 'test')),
      assignments,
    });
    program.run();
    const at = (i: number): number => program.outputAddress(i) >>> 2;
    const values = [0, 1].map((i) => [...engine.memory.f32.subarray(at(i), at(i) + 2)]);
    expect([...values, ...read(a, b)]).toEqual([
      [0, 10],
      [1, 11],
      [1, 11],
      [0, 10],
    ]);
    program.dispose();
  });

  it('beside variables without elements', () => {
    class Hollow extends sg.layers.Layer {
      static override className = 'Hollow';
      list: Variable[] = [];
      override build(): void {
        this.list = [[0, 2], [2], [0], [2]].map((shape, i) =>
          this.addWeight({ name: `w${i}`, shape, initializer: 'ones' }),
        );
      }
      override call(x: Tensor): Tensor {
        const [a, b, c, d] = this.list as [Variable, Variable, Variable, Variable];
        a.assign(a.mul(3));
        c.assign(c.mul(3));
        return x.mul(b.add(d)).add(sg.sum(a)).add(c.sum());
      }
    }
    const model = sg.sequential({ layers: [new Hollow({ inputShape: [2] })] });
    model.compile({ optimizer: sg.train.sgd(0.5), loss: 'meanSquaredError' });
    expect(read(model.predict(sg.ones([1, 2])) as Tensor)).toEqual([[2, 2]]);
    expect(model.getWeights().map((w) => w.shape)).toEqual([[0, 2], [2], [0], [2]]);
  });
});

describe('copies', () => {
  const copies = (count: number, f: (...vs: Variable[]) => unknown): number => {
    const vs = vectors(count);
    const { names, program } = compile(() => {
      f(...vs);
      return [];
    }, []);
    program.dispose();
    expect(names.every((name) => name === 'StridedCopy')).toBe(true);
    return names.length;
  };

  it.each<[string, number, (...vs: Variable[]) => unknown, number]>([
    ['none for a value that stays', 2, (a) => a?.assign(a), 0],
    ['none for a swap and back', 2, (a, b) => [0, 1].map(() => rotate(a as Variable, b as Variable)), 0],
    ['one more than variables for a circle', 5, rotate, 6],
    [
      'one more for each circle',
      5,
      (a, b, c, d, e) => {
        rotate(a as Variable, b as Variable);
        rotate(c as Variable, d as Variable, e as Variable);
      },
      7,
    ],
    [
      'no more than variables for a shift, in any order',
      4,
      (a, b, c, d) => {
        const olds = [a, b, c].map((v) => (v as Variable).clone());
        [c, b, d].forEach((v, i) => {
          v?.assign(olds[[1, 0, 2][i] as number] as Tensor);
        });
      },
      3,
    ],
    [
      'a circle with readers outside of it needs none aside for them',
      3,
      (a, b, c) => {
        c?.assign((a as Variable).clone());
        rotate(a as Variable, b as Variable);
      },
      // c keeps what a was; a takes on b, and b what was set aside.
      4,
    ],
  ])('%s', (_, count, f, expected) => {
    expect(copies(count, f)).toBe(expected);
  });
});

describe('weights that a layer assigns', () => {
  /** Halves its weight in every call and remembers what it was. */
  class Halving extends sg.layers.Layer {
    static override className = 'Halving';
    w!: Variable;
    before!: Variable;
    override build(): void {
      this.w = this.addWeight({ name: 'w', shape: [2], initializer: 'ones' });
      this.before = this.addWeight({ name: 'before', shape: [2], initializer: 'zeros', trainable: false });
    }
    override call(x: Tensor, { training }: { training?: boolean }): Tensor {
      if (!training) return x.mul(this.w);
      const y = x.mul(this.w);
      this.before.assign(this.w);
      this.w.assign(this.w.mul(0.5));
      return y.add(this.w).sub(this.before);
    }
  }

  it('are stepped from the value they were given; the gradient is that of all reads', async () => {
    const layer = new Halving({ inputShape: [2] });
    const model = sg.sequential({ layers: [layer] });
    model.compile({ optimizer: sg.train.sgd(0.5), loss: (_: Tensor, y: Tensor) => y.sum() });
    // d/dw of x w before and w after the assignment: x + 1.
    await model.trainOnBatch(sg.tensor2d([[1, 2]]), sg.zeros([1, 2]));
    expect(read(layer.w, layer.before)).toEqual([
      [0.5 - 1, 0.5 - 1.5],
      [1, 1],
    ]);
    await model.trainOnBatch(sg.tensor2d([[1, 2]]), sg.zeros([1, 2]));
    expect(read(layer.w, layer.before)).toEqual([
      [-1.25, -2],
      [-0.5, -1],
    ]);
  });
});
