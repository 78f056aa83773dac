/** Finds invalid values in data, with name, position and value: targets that a loss refuses, and NaN. */
import type { PartialShape } from '../../layers/base/shapes';
import { max, min } from '../../ops/math/reduce';
import { engine } from '../../runtime/engine';
import { ArgumentError, IndexError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { placeIn } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { TargetRule } from '../../train/losses/loss';
import type { Objective } from '../step/objective';
import { batchOf, type Data } from './check';

/** The elements as they are in memory; valid until memory grows. */
function elementsOf(t: Tensor): Float32Array | Int32Array {
  const { f32, i32 } = engine.memory;
  const start = t.address() >>> 2;
  return (t.dtype === 'float32' ? f32 : i32).subarray(start, start + t.size);
}

/** `y`, or with the output's name if there are several. */
const named = (what: string, names: readonly string[], i: number): string =>
  names.length > 1 ? `${what}.${names[i]}` : what;

/** The first element that is not a class index; -1 if all are. */
function firstNoClass(values: Float32Array | Int32Array, classes: number, ignored: number | null): number {
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!(v >= 0 && v < classes && Number.isInteger(v)) && v !== ignored) return i;
  }
  return -1;
}

/** The first element outside of [0, 1] whose weight is not 0; -1 if all are inside. */
function firstNoShare(values: Float32Array | Int32Array, weights: Float32Array | Int32Array | undefined): number {
  const weightOf = (i: number): number =>
    weights ? (weights[Math.floor((i * weights.length) / values.length)] as number) : 1;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!(v >= 0 && v <= 1) && weightOf(i) !== 0) return i;
  }
  return -1;
}

/** Number of elements from which a reduction is cheaper than a loop. */
const MANY = 4096;

/** Whether all elements are in [0, 1], by a quick check that may say no wrongly. */
function areShares(y: Tensor): boolean {
  if (y.dtype === 'bool') return true;
  if (y.size < MANY) return false;
  return tidy(() => (min(y).dataSync()[0] as number) >= 0 && (max(y).dataSync()[0] as number) <= 1);
}

/** The fault of one target, if it has one. */
type Look = (rule: TargetRule, y: Tensor, objective: Objective, weights: Tensor | undefined) => Fault | undefined;
interface Fault {
  readonly index: number;
  readonly must: string;
  readonly kind: typeof ArgumentError | typeof IndexError;
}

function check(where: string, objectives: readonly Objective[], data: Data, look: Look): void {
  const { ys, weights } = batchOf(data.tensors, data.layout);
  const names = objectives.map((o) => o.name);
  objectives.forEach((objective, i) => {
    const { name, fn } = objective.loss;
    const y = ys[i] as Tensor;
    const fault = fn.targets && look(fn.targets, y, objective, weights[i]);
    if (!fault) return;
    throw new fault.kind(
      `${where}: ${placeIn(named('y', names, i), y.shape, fault.index)} is ${elementsOf(y)[fault.index]}; ${name} takes ${fault.must}`,
    );
  });
}

/**
 * Checks targets that are class indices: each batch, as they are few compared with the predictions.
 * @param outputs shapes of the model's outputs
 * @throws IndexError for a number that is not a class index
 */
export function checkClasses(
  where: string,
  objectives: readonly Objective[],
  data: Data,
  outputs: readonly PartialShape[],
): void {
  check(where, objectives, data, (rule, y, { output }) => {
    if (rule.kind !== 'classes') return undefined;
    const classes = outputs[output]?.at(rule.axis) ?? Number.POSITIVE_INFINITY;
    const index = firstNoClass(elementsOf(y), classes, rule.ignored);
    const range = Number.isFinite(classes) ? `in [0, ${classes})` : '>= 0';
    return index < 0 ? undefined : { index, must: `class indices: integers ${range}`, kind: IndexError };
  });
}

/**
 * Checks targets that are probabilities and have the shape of the predictions; once for each data.
 * @throws ArgumentError for numbers outside of [0, 1], unless their sample weight is 0
 */
export function checkShares(where: string, objectives: readonly Objective[], data: Data): void {
  check(where, objectives, data, (rule, y, _, weights) => {
    if (rule.kind !== 'shares' || areShares(y)) return undefined;
    const index = firstNoShare(elementsOf(y), weights && elementsOf(weights));
    return index < 0 ? undefined : { index, must: 'numbers from 0 to 1', kind: ArgumentError };
  });
}

/** The first element of the data that is NaN or infinite, and where it is; undefined if all are finite. */
export function firstNotFinite(
  { tensors, layout }: Data,
  inputs: readonly string[],
  targets: readonly string[],
): string | undefined {
  for (const [i, t] of tensors.entries()) {
    if (t.dtype !== 'float32') continue;
    const values = elementsOf(t);
    const index = values.findIndex((v) => !Number.isFinite(v));
    if (index < 0) continue;
    const after = i - layout.inputs - layout.targets;
    const name =
      after >= 0
        ? named('sampleWeight', targets, layout.weighted[after] as number)
        : i < layout.inputs
          ? named('x', inputs, i)
          : named('y', targets, i - layout.inputs);
    return `${placeIn(name, t.shape, index)} is ${values[index]}`;
  }
  return undefined;
}
