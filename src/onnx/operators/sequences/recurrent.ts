/** Recurrent layers: RNN, GRU, LSTM, as loops over time that are compiled and trained. */
import type { Call } from '../../../graph/core/call';
import type { Operator } from '../../../graph/core/registry';
import { fill, zeros } from '../../../ops/create/creation';
import { range } from '../../../ops/create/sequences';
import { matMul } from '../../../ops/linear/products';
import * as sg from '../../../ops/math/arithmetic';
import { stack } from '../../../ops/shape/joining';
import { reshape, slice, transpose } from '../../../ops/shape/shaping';
import { loop } from '../../../plan/loop';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define } from '../define';
import { float } from '../operands';
import { type Activation, activationsOf } from './activations';

/** From the projected input of a step and the states to the new states; the first is the output. */
type Step = (x: Tensor, states: readonly Tensor[]) => readonly Tensor[];

/** One direction of a node. */
interface Direction {
  readonly units: number;
  /** W x + b, of all steps at once. */
  readonly project: (x: Tensor) => Tensor;
  readonly step: Step;
}

/** Operands of a node in one direction. */
interface Weights {
  readonly units: number;
  /** [features, gates units] */
  readonly kernel: Tensor;
  /** [units, gates units] */
  readonly recurrent: Tensor;
  /** Biases of both products: [gates units]. */
  readonly bias: readonly [Tensor, Tensor] | undefined;
  readonly peepholes: Tensor | undefined;
  readonly activations: readonly Activation[];
  readonly clip: Activation;
}

interface Cell {
  readonly gates: number;
  readonly activations: readonly string[];
  /** The operand with peepholes. */
  readonly peepholes?: number;
  /** Operands with the initial states. */
  readonly states: readonly number[];
  make(call: Call, weights: Weights): Omit<Direction, 'units'>;
}

/** A part of the last dimension: the k-th gate. */
function gate(z: Tensor, k: number, units: number, count = 1): Tensor {
  const begin = z.shape.map((_, i) => (i === z.rank - 1 ? k * units : 0));
  return slice(z, begin, [...z.shape.slice(0, -1), count * units]);
}

/** One direction of an operand: [directions, ...] -> [...]. */
function directed(t: Tensor, d: number): Tensor {
  const rest = t.shape.slice(1);
  return reshape(slice(t, [d, ...rest.map(() => 0)], [1, ...rest]), rest);
}

/** x W + b for all steps at once: [time, batch, features] -> [time, batch, n]. */
function projected(x: Tensor, kernel: Tensor, bias: Tensor | undefined): Tensor {
  const [time, batch, features] = x.shape as [number, number, number];
  const y = matMul(reshape(x, [time * batch, features]), kernel);
  return reshape(bias ? sg.add(y, bias) : y, [time, batch, kernel.shape[1] as number]);
}

const allBiases = ({ bias }: Weights): Tensor | undefined => bias && sg.add(bias[0], bias[1]);

const simple: Cell = {
  gates: 1,
  activations: ['Tanh'],
  states: [5],
  make: (_, w) => ({
    project: (x) => projected(x, w.kernel, allBiases(w)),
    step: (x, [h]) => [(w.activations[0] as Activation)(w.clip(sg.add(matMul(h as Tensor, w.recurrent), x)))],
  }),
};

/** Gates in the order update, reset, candidate. */
const gru: Cell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  states: [5],
  make(call, w) {
    const { units, recurrent, clip, bias } = w;
    const [f, g] = w.activations as [Activation, Activation];
    const mix = (z: Tensor, h: Tensor, fresh: Tensor): readonly Tensor[] => [
      sg.add(sg.mul(z, h), sg.mul(sg.sub(1, z), fresh)),
    ];
    if (call.flag('linear_before_reset'))
      return {
        project: (x) => projected(x, w.kernel, bias?.[0]),
        step: (x, [h]) => {
          const product = matMul(h as Tensor, recurrent);
          const p = bias ? sg.add(product, bias[1]) : product;
          const [z, r] = [0, 1].map((k) => f(clip(sg.add(gate(x, k, units), gate(p, k, units))))) as [Tensor, Tensor];
          return mix(z, h as Tensor, g(clip(sg.add(gate(x, 2, units), sg.mul(r, gate(p, 2, units))))));
        },
      };
    const [ofGates, ofState] = [gate(recurrent, 0, units, 2), gate(recurrent, 2, units)];
    return {
      project: (x) => projected(x, w.kernel, allBiases(w)),
      step: (x, [h]) => {
        const both = f(clip(sg.add(matMul(h as Tensor, ofGates), gate(x, 0, units, 2))));
        const [z, r] = [gate(both, 0, units), gate(both, 1, units)];
        return mix(z, h as Tensor, g(clip(sg.add(matMul(sg.mul(r, h as Tensor), ofState), gate(x, 2, units)))));
      },
    };
  },
};

/** Gates in the order input, output, forget, candidate. */
const lstm: Cell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  states: [5, 6],
  peepholes: 7,
  make(call, w) {
    const { units, recurrent, clip, peepholes } = w;
    const [f, g, h] = w.activations as [Activation, Activation, Activation];
    const isCoupled = call.flag('input_forget');
    const seen = (z: Tensor, k: number, c: Tensor): Tensor =>
      peepholes ? sg.add(z, sg.mul(gate(peepholes, k, units), c)) : z;
    return {
      project: (x) => projected(x, w.kernel, allBiases(w)),
      step: (x, [state, c]) => {
        const z = sg.add(matMul(state as Tensor, recurrent), x);
        const part = (k: number): Tensor => gate(z, k, units);
        const i = f(clip(seen(part(0), 0, c as Tensor)));
        const forget = isCoupled ? sg.sub(1, i) : f(clip(seen(part(2), 2, c as Tensor)));
        const cell = sg.add(sg.mul(forget, c as Tensor), sg.mul(i, g(clip(part(3)))));
        const o = f(clip(seen(part(1), 1, cell)));
        return [sg.mul(o, h(cell)), cell];
      },
    };
  },
};

const DIRECTIONS: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** Whether time runs backwards, for each direction. */
function directionsOf(call: Call): readonly boolean[] {
  const name = call.text('direction', 'forward');
  const found = Object.hasOwn(DIRECTIONS, name) ? DIRECTIONS[name] : undefined;
  if (found) return found;
  throw call.fail(`attribute direction must be forward, reverse or bidirectional, got '${name}'`);
}

function weightsOf(call: Call, cell: Cell, d: number, activations: readonly Activation[]): Weights {
  const recurrent = directed(float(call, 2), d);
  const units = recurrent.shape[1] as number;
  const stated = call.wholeOf('hidden_size', units);
  const w = directed(float(call, 1), d);
  if (stated !== units || recurrent.shape[0] !== cell.gates * units || w.shape[0] !== cell.gates * units)
    throw call.fail(
      `weights [${String(call.shape(1))}] and [${String(call.shape(2))}] are not those of ${stated} units`,
    );
  const both = call.has(3) ? directed(float(call, 3), d) : undefined;
  const width = cell.gates * units;
  const limit = call.hasAttribute('clip') ? call.real('clip') : undefined;
  return {
    units,
    kernel: transpose(w),
    recurrent: transpose(recurrent),
    bias: both && [slice(both, [0], [width]), slice(both, [width], [width])],
    peepholes: cell.peepholes && call.has(cell.peepholes) ? directed(float(call, cell.peepholes), d) : undefined,
    activations,
    clip: limit === undefined ? (x) => x : (x) => sg.clipByValue(x, -limit, limit),
  };
}

/** Which steps are inside of their sequence: [time, batch, 1]; undefined: all. */
function insideOf(call: Call, time: number, batch: number): Tensor | undefined {
  if (!call.has(4)) return undefined;
  if (call.known(4)?.data && Array.from(call.host(4).data).every((n) => n >= time)) return undefined;
  const lengths = reshape(sg.cast(call.tensor(4), 'int32'), [1, batch, 1]);
  return sg.less(reshape(range(0, time, 1, 'int32'), [time, 1, 1]), lengths);
}

const recurrent =
  (cell: Cell): Operator =>
  (call) => {
    const isBatchFirst = call.wholeOf('layout', 0) !== 0;
    const given = float(call, 0);
    const x = isBatchFirst ? transpose(given, [1, 0, 2]) : given;
    const [time, batch] = x.shape as [number, number];
    const backwards = directionsOf(call);
    const activations = activationsOf(call, backwards.length, cell.activations);
    const inside = insideOf(call, time, batch);
    const runs = backwards.map((isBackwards, d) => {
      const weights = weightsOf(call, cell, d, activations[d] as readonly Activation[]);
      const { units } = weights;
      const { project, step } = cell.make(call, weights);
      const first = cell.states.map((operand) => {
        if (!call.has(operand)) return zeros([batch, units]);
        const states = float(call, operand);
        return directed(isBatchFirst ? transpose(states, [1, 0, 2]) : states, d);
      });
      const sequences = inside ? [project(x), inside] : [project(x)];
      return loop(
        (before, [xt, isInside]) => {
          const fresh = step(xt as Tensor, before);
          if (!isInside) return { carry: fresh, ys: [fresh[0] as Tensor] };
          const kept = fresh.map((t, i) => sg.where(sg.broadcastTo(isInside, t.shape), t, before[i] as Tensor));
          const y = sg.where(sg.broadcastTo(isInside, kept[0]?.shape ?? []), kept[0] as Tensor, fill([], 0, 'float32'));
          return { carry: kept, ys: [y] };
        },
        first,
        sequences,
        isBackwards,
      );
    });
    const y = stack(
      runs.map(({ ys }) => ys[0] as Tensor),
      1,
    );
    const last = cell.states.map((_, i) =>
      stack(
        runs.map(({ carry }) => carry[i] as Tensor),
        0,
      ),
    );
    if (!isBatchFirst) return [y, ...last];
    return [transpose(y, [2, 0, 1, 3]), ...last.map((t) => transpose(t, [1, 0, 2]))];
  };

export const recurrentLayers: Definitions = {
  RNN: define(recurrent(simple), { weights: [1, 2, 3] }),
  GRU: define(recurrent(gru), { weights: [1, 2, 3] }),
  LSTM: define(recurrent(lstm), { weights: [1, 2, 3, 7] }),
};
