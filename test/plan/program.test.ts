/** Programs: their text, what is bound to them, what they leave behind, what stops them. */

import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { neg } from '../../src/ops/descriptors/elementwise';
import { addEffect } from '../../src/plan/effects';
import { compileProgram } from '../../src/plan/program';
import { record, traceInput } from '../../src/plan/trace';
import type { Effect } from '../../src/program/ir';
import { engine } from '../../src/runtime/engine';
import { Graph, type Location } from '../../src/tensor/graph';
import { Storage } from '../../src/tensor/storage';
import { compile } from './compile';

type Tensor = sg.Tensor;
const values = (t: Tensor | undefined): number[] => [...(t as Tensor).dataSync()];
const row = (...v: number[]): Tensor => sg.tensor1d(v);

afterAll(() => sg.setThreads(1));

/** A network whose names and numbers do not depend on what ran before. */
function small(): sg.Sequential {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 4, activation: 'relu', inputShape: [3], name: 'first' }),
      sg.layers.dense({ units: 2, name: 'second' }),
    ],
  });
  model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
  return model;
}

describe('the text of a program', () => {
  it('of a step of training', () => {
    const model = small();
    expect(model.describeStep('train', sg.zeros([5, 3]), sg.zeros([5, 2]))).toMatchInlineSnapshot(`
      "   0  Gemm a=input 0 b=constant#2 c=@0 bias=constant#4 m=5 n=4 k=3 aRow=12 aCol=4 bRow=16 bCol=4 cRow=16 batch=1 aBatch=0 bBatch=0 cBatch=80 activation=16 alpha=0  ; matMul#6
         1  Gemm a=@0 b=constant#7 c=@256 bias=constant#9 m=5 n=2 k=4 aRow=16 aCol=4 bRow=8 bCol=4 cRow=8 batch=1 aBatch=0 bBatch=0 cBatch=40 activation=0 alpha=0  ; matMul#10
         2  Map [5, 2] @256=sub(@256, input 1); @128=square(@256)  ; sub#11 square#12
         3  Reduce x=@128 out=@320 outer=5 n=2 inner=1 chunk=512 fold=0 divisor=2 wide=0  ; mean#13
         4  Fill out=@128 count=1 value=1065353216  ; fill#14
         5  Fill out=@192 count=1 value=1084227584  ; fill#15
         6  Map [] @128=div(@128, @192)  ; div#16
         7  Fill out=@192 count=1 value=1073741824  ; fill#19
         8  Map [5] t0=identity(@128); @384=div(t0, @192)  ; broadcastTo#18 div#20
         9  Map [5, 2] t0=mul(@192, @256); t1=identity(@384); @256=mul(t1, t0)  ; mul#23 broadcastTo#22 mul#24
        10  Reduce x=@256 out=pin outer=1 n=5 inner=2 chunk=512 fold=0 divisor=1 wide=0  ; sum#25
        11  Gemm a=@0 b=@256 c=pin m=4 n=2 k=5 aRow=4 aCol=16 bRow=8 bCol=4 cRow=8 batch=1 aBatch=0 bBatch=0 cBatch=32 activation=0 alpha=0  ; matMul#27
        12  Gemm a=@256 b=constant#7 c=@128 m=5 n=4 k=2 aRow=8 aCol=4 bRow=4 bCol=8 cRow=16 batch=1 aBatch=0 bBatch=0 cBatch=80 activation=0 alpha=0 join=2 other=@0  ; matMul#28
        13  Reduce x=@128 out=pin outer=1 n=5 inner=4 chunk=512 fold=0 divisor=1 wide=0  ; sum#29
        14  Gemm a=input 0 b=@128 c=pin m=3 n=4 k=5 aRow=4 aCol=12 bRow=16 bCol=4 cRow=16 batch=1 aBatch=0 bBatch=0 cBatch=48 activation=0 alpha=0  ; matMul#30
        15  Accumulate values=@320 weights=0 state=total rows=5 width=1 scale=1  ; total#31
        16  Sgd param=constant#2 grad=pin count=28 step=step flag=0 decays=0  ; SGD#32
        17  Count cell=calls  ; SGD#32
        18  Count cell=step  ; count#37
      workspace 0.4 KiB, largest sum of values alive at once 0.4 KiB, ratio 1.000"
    `);
    model.dispose();
  });

  it('of a step of testing', () => {
    const model = small();
    expect(model.describeStep('test', sg.zeros([5, 3]), sg.zeros([5, 2]))).toMatchInlineSnapshot(`
      "   0  Gemm a=input 0 b=constant#2 c=@0 bias=constant#4 m=5 n=4 k=3 aRow=12 aCol=4 bRow=16 bCol=4 cRow=16 batch=1 aBatch=0 bBatch=0 cBatch=80 activation=16 alpha=0  ; matMul#6
         1  Gemm a=@0 b=constant#7 c=@128 bias=constant#9 m=5 n=2 k=4 aRow=16 aCol=4 bRow=8 bCol=4 cRow=8 batch=1 aBatch=0 bBatch=0 cBatch=40 activation=0 alpha=0  ; matMul#10
         2  Map [5, 2] t0=sub(@128, input 1); @128=square(t0)  ; sub#11 square#12
         3  Reduce x=@128 out=@0 outer=5 n=2 inner=1 chunk=512 fold=0 divisor=2 wide=0  ; mean#13
         4  Accumulate values=@0 weights=0 state=total rows=5 width=1 scale=1  ; total#14
      workspace 0.2 KiB, largest sum of values alive at once 0.2 KiB, ratio 1.000"
    `);
    model.dispose();
  });

  it('is the same each time', () => {
    const texts = [1, 2].map(() => {
      const model = small();
      const text = model.describeStep('train', sg.zeros([5, 3]), sg.zeros([5, 2]));
      model.dispose();
      return text;
    });
    expect(texts[0]).toBe(texts[1]);
  });
});

describe('binding', () => {
  const f = (a: Tensor, b: Tensor): Tensor[] => [
    sg.concat([a.slice(1, 2), b.pad([[0, 1]], 7)]),
    a.slice(2).exp().mul(0).add(b.sum()),
    a.reshape([2, 2]),
    b,
  ];

  it('inputs and results can be bound anew for each run', () => {
    const { run } = compile(f, [row(0, 0, 0, 0), row(0, 0)]);
    const first = run([row(1, 2, 3, 4), row(5, 6)]);
    const second = run([row(-1, -2, -3, -4), row(-5, -6)]);
    expect(first.map(values)).toEqual([
      [2, 3, 5, 6, 7],
      [11, 11],
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(second.map(values)).toEqual([
      [-2, -3, -5, -6, 7],
      [-11, -11],
      [-1, -2, -3, -4],
      [-5, -6],
    ]);
    expect(values(first[0])).toEqual([2, 3, 5, 6, 7]);
  });

  it('an input may be a part of a larger block', () => {
    const all = sg.tensor2d([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]);
    const { run } = compile((a) => a.slice(1, 2).neg(), [all.slice(0, 1).flatten()]);
    expect([0, 1, 2].map((i) => values(run([all.slice(i, 1).flatten()])[0]))).toEqual([
      [-2, -3],
      [-6, -7],
      [-10, -11],
    ]);
  });

  it('one value may be asked for twice, and an input may be asked for', () => {
    const both = (a: Tensor): Tensor[] => {
      const e = a.neg();
      return [e, e, a, a.neg()];
    };
    expect(
      compile(both, [row(1, 2)])
        .run()
        .map(values),
    ).toEqual([
      [-1, -2],
      [-1, -2],
      [1, 2],
      [-1, -2],
    ]);
  });

  it('inputs that nothing reads keep their number', () => {
    const { run } = compile((_a, b) => b.neg(), [row(1), row(2)]);
    expect(values(run()[0])).toEqual([-2]);
  });

  it('captured tensors are read where they lie', () => {
    const v = sg.variable(row(1, 2));
    const { run } = compile((a) => a.mul(v), [row(10, 10)]);
    expect(values(run()[0])).toEqual([10, 20]);
    v.assign(row(3, 4));
    expect(values(run()[0])).toEqual([30, 40]);
    v.dispose();
  });

  it('values can be pinned to a place, several to several', () => {
    const graph = new Graph();
    const a = traceInput(graph, { shape: [3], dtype: 'float32' });
    const [n, e] = record(graph, () => [a.neg(), a.mul(2)]).map((t) => t.node(graph, 'test'));
    if (!n || !e) throw new Error('no nodes');
    const storage = new Storage(256);
    const at = (offset: number): Location => ({ storage, offset });
    const node = a.node(graph, 'test');
    const pins = [
      [n, at(0)],
      [e, at(64)],
      [n, at(128)],
      [node, at(192)],
    ] as const;
    const program = compileProgram({ graph, inputs: [node], outputs: [e], pins });
    const x = row(1, 2, 3);
    program.bindInput(0, x.address());
    program.run();
    const read = (address: number): number[] => [...engine.memory.f32.subarray(address >>> 2, (address >>> 2) + 3)];
    expect([0, 64, 128, 192].map((offset) => read(storage.address + offset))).toEqual([
      [-1, -2, -3],
      [2, 4, 6],
      [-1, -2, -3],
      [1, 2, 3],
    ]);
    expect(read(program.outputAddress(0))).toEqual([2, 4, 6]);
    program.dispose();
    storage.release();
  });
});

describe('memory', () => {
  it('returns when a program is disposed of, twice is once', () => {
    const x = row(1, 2, 3);
    const w = sg.ones([3]);
    compile((a) => a.mul(w).sum(), [x]).program.dispose();
    const before = sg.memory();
    const { program } = compile((a) => a.mul(w).exp().sum(), [x]);
    expect(sg.memory().numBytes - before.numBytes).toBeGreaterThanOrEqual(program.bytes);
    program.dispose();
    program.dispose();
    expect(sg.memory()).toEqual({ ...before, peakBytes: sg.memory().peakBytes });
    expect(() => program.run()).toThrow(sg.DisposedError);
  });

  it('a program keeps the tensors that it captured', () => {
    const before = sg.memory().numDataBuffers;
    const w = row(2, 3);
    const { program, run } = compile((a) => a.mul(w), [row(1, 1)]);
    w.dispose();
    const others = Array.from({ length: 8 }, () => row(9, 9));
    expect(values(run()[0])).toEqual([2, 3]);
    sg.dispose(others);
    program.dispose();
    expect(sg.memory().numDataBuffers).toBeLessThanOrEqual(before + 3);
  });

  it('nothing is left of a program that could not be made', () => {
    const attempt = (): void => {
      const w = sg.ones([2, 2]);
      const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3] })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      expect(() => model.describeStep('train', sg.zeros([4, 3]), sg.zeros([4, 5]))).toThrow(sg.ShapeError);
      model.dispose();
      w.dispose();
    };
    sg.tidy(attempt);
    const { numTensors, numDataBuffers, numBytes } = sg.memory();
    sg.tidy(attempt);
    expect(sg.memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
  });
});

describe('isCurrent', () => {
  it('ends when variables move, not when the number of threads changes', async () => {
    const { program } = compile((a) => a.neg(), [row(1)]);
    expect(program.isCurrent).toBe(true);
    await sg.setThreads(2);
    expect(program.isCurrent).toBe(true);
    await sg.setThreads(1);
    const model = small();
    expect(program.isCurrent).toBe(false);
    model.dispose();
    program.dispose();
  });
});

describe.each([1, 2])('a fault, with %i threads', (threads) => {
  it('names the op and the index, and stops all that follows', async () => {
    await sg.setThreads(threads);
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 6, inputShape: [4] }),
        sg.layers.batchNormalization(),
        sg.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    // A loss of one's own: labels of those of the library are looked at before a step begins.
    const loss = (labels: sg.Tensor, p: sg.Tensor): sg.Tensor => p.sub(sg.eye(3).gather(labels)).square().mean(-1);
    model.compile({ optimizer: 'adam', loss });
    const x = sg.randomUniform([9, 4]);
    await model.trainOnBatch(x, sg.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2], 'int32'));
    const weights = model.getWeights().map(values);
    for (const bad of [3, -1, 2 ** 31 - 1]) {
      for (const place of [0, 8]) {
        const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2].map((v, i) => (i === place ? bad : v));
        const step = model.trainOnBatch(x, sg.tensor1d(labels, 'int32'));
        await expect(step).rejects.toThrow(sg.IndexError);
        await expect(step).rejects.toThrow(new RegExp(`gather.*${bad} is outside \\[0, 3\\)`));
      }
    }
    expect(model.getWeights().map(values)).toEqual(weights);
    expect(model.optimizer.iterations).toBe(1);
    // The same numbers as if nothing had happened.
    await model.trainOnBatch(x, sg.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2], 'int32'));
    expect(model.getWeights().map(values)).not.toEqual(weights);
    model.dispose();
    await sg.setThreads(1);
  });
});

describe('effects', () => {
  it('prepare each run on the host; if one throws, nothing runs', () => {
    const cell = new Storage(4);
    engine.memory.f32[cell.address >>> 2] = 0;
    const graph = new Graph();
    let runs = 0;
    const effect: Effect = {
      location: undefined,
      emit: () => {},
      prepare: () => {
        if (++runs === 3) throw new RangeError('enough');
        engine.memory.f32[cell.address >>> 2] = runs;
      },
    };
    const spec = { shape: [], dtype: 'float32' } as const;
    addEffect(graph, 'prepared', [], effect);
    const read = graph.constant({ storage: cell, offset: 0 }, spec);
    const output = graph.add(neg, [read], {}, spec);
    const program = compileProgram({ graph, inputs: [], outputs: [output] });
    const run = (): number => {
      program.run();
      return engine.memory.f32[program.outputAddress(0) >>> 2] as number;
    };
    expect([run(), run()]).toEqual([-1, -2]);
    expect(run).toThrow('enough');
    expect(engine.memory.f32[program.outputAddress(0) >>> 2]).toBe(-2);
    program.dispose();
    cell.release();
  });
});
