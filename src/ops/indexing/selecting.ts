/** Functions whose result's shape depends on values: they read their operands, so they cannot be traced. */
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { normalizeAxis, sameShape, showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { cast } from '../core/cast';
import { type TensorLike, tensor, toTensor } from '../create/creation';
import { reshape } from '../shape/shaping';
import { gather } from './indexing';

function toCondition(x: TensorLike, where: string, argument: string): Tensor {
  const t = x instanceof Tensor ? toTensor(x, where) : tidy(() => cast(toTensor(x, where, argument), 'bool'));
  if (t.dtype !== 'bool') throw new DTypeError(`${where}: ${argument} must be bool, got ${t.dtype}`);
  return t;
}

/** Runs `fn` on operands as tensors; temporaries are disposed of. */
async function letGoAfter<T>(
  given: readonly TensorLike[],
  tensors: readonly Tensor[],
  fn: () => Promise<T>,
): Promise<T> {
  try {
    return await fn();
  } finally {
    tensors.forEach((t, i) => {
      if (t !== given[i]) t.dispose();
    });
  }
}

/** Positions of the elements that are true, in row-major order. */
async function placesOf(condition: Tensor): Promise<number[]> {
  const places: number[] = [];
  (await condition.data()).forEach((value, i) => {
    if (value) places.push(i);
  });
  return places;
}

/**
 * Coordinates of the elements that are true, in row-major order.
 * @param condition bool, of any shape.
 * @returns int32, [count, rank]
 * @throws DTypeError for a tensor that is not bool; StateError in a compiled function
 * @example
 * (await sg.whereAsync([[true, false], [false, true]])).arraySync(); // [[0, 0], [1, 1]]
 */
export async function whereAsync(condition: TensorLike): Promise<Tensor> {
  const t = toCondition(condition, 'whereAsync', 'condition');
  return letGoAfter([condition], [t], async () => {
    const places = await placesOf(t);
    const out = new Int32Array(places.length * t.rank);
    places.forEach((place, i) => {
      let rest = place;
      for (let d = t.rank - 1; d >= 0; d--) {
        const size = t.shape[d] as number;
        out[i * t.rank + d] = rest % size;
        rest = Math.floor(rest / size);
      }
    });
    return tensor(out, [places.length, t.rank], 'int32');
  });
}

/**
 * The slices of a tensor where a mask is true. The mask covers dimensions from `axis` on, which become one.
 * @param mask bool, in the shape of those dimensions.
 * @param axis default 0.
 * @throws DTypeError, ShapeError; StateError in a compiled function
 * @example
 * (await sg.booleanMaskAsync([[1, 2], [3, 4]], [false, true])).arraySync(); // [[3, 4]]
 */
export async function booleanMaskAsync(x: TensorLike, mask: TensorLike, axis = 0): Promise<Tensor> {
  // In one scope: if one cannot be made, the other is disposed of.
  const [t, m] = tidy(() => [
    toTensor(x, 'booleanMaskAsync', 'tensor'),
    toCondition(mask, 'booleanMaskAsync', 'mask'),
  ]) as [Tensor, Tensor];
  return letGoAfter([x, mask], [t, m], async () => {
    if (m.rank === 0) throw new ArgumentError('booleanMaskAsync: mask must have at least one dimension');
    const from = normalizeAxis(axis, t.rank, 'booleanMaskAsync');
    if (!sameShape(t.shape.slice(from, from + m.rank), m.shape)) {
      throw new ShapeError(
        `booleanMaskAsync: mask ${showShape(m.shape)} must be the dimensions of ${showShape(t.shape)} from axis ${from} on`,
      );
    }
    const places = Int32Array.from(await placesOf(m));
    return tidy(() => {
      const flat = reshape(t, [...t.shape.slice(0, from), m.size, ...t.shape.slice(from + m.rank)]);
      return gather(flat, tensor(places), from);
    });
  });
}

/**
 * The elements of a vector that another one does not have, in their order, and their indices (int32).
 * @throws ShapeError for another rank; DTypeError unless both are of one type; StateError in a compiled function
 * @example
 * const [values, indices] = await sg.setdiff1dAsync([1, 2, 3], [2]);
 * indices.dataSync(); // [0, 2]
 */
export async function setdiff1dAsync(x: TensorLike, y: TensorLike): Promise<[Tensor, Tensor]> {
  const [a, b] = tidy(() => [toTensor(x, 'setdiff1dAsync'), toTensor(y, 'setdiff1dAsync', 'y')]) as [Tensor, Tensor];
  return letGoAfter([x, y], [a, b], async () => {
    if (a.dtype !== b.dtype) throw new DTypeError(`setdiff1dAsync: element types ${a.dtype} and ${b.dtype} differ`);
    if (a.rank !== 1 || b.rank !== 1)
      throw new ShapeError(`setdiff1dAsync: x ${showShape(a.shape)} and y ${showShape(b.shape)} must be vectors`);
    const values = await a.data();
    const excluded = new Set(await b.data());
    const places = Array.from(values.keys()).filter((i) => !excluded.has(values[i] as number));
    const left = places.map((i) => values[i] as number);
    return [tensor(left, [left.length], a.dtype), tensor(Int32Array.from(places))];
  });
}
