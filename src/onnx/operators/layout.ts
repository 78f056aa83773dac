/**
 * Images with their channels last. The ops compute them so, while ONNX has channels first; in a trace, what such an op
 * made remembers the form before it was transposed, and what follows continues with that. A transposition that nothing
 * takes in the end is not computed.
 */
import type { Operator } from '../../graph/core/registry';
import { HostArray, type Value } from '../../graph/core/value';
import { reshape, transpose } from '../../ops/shape/shaping';
import { sizeOf } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import type { Definition, Definitions } from './define';

/** By what was made of them, channels first. */
const remembered = new WeakMap<Tensor, Tensor>();

/** The form with channels last, if there is one already. */
export const lastOf = (x: Tensor): Tensor | undefined => remembered.get(x);

/** Numbers for [n, c, ...] in the order of [n, ..., c]. */
const ordered = <T>(list: readonly T[]): T[] => [list[0] as T, ...list.slice(2), list[1] as T];

const axes = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i);

/** Where an axis of [n, c, ...] is in [n, ..., c]. */
export const lastAxis = (axis: number, rank: number): number => ordered(axes(rank)).indexOf(axis);

/** [n, c, ...] -> [n, ..., c] */
export const toLast = (x: Tensor): Tensor => remembered.get(x) ?? transpose(x, ordered(axes(x.rank)));

/** [n, ..., c] -> [n, c, ...] */
export function toFirst(x: Tensor): Tensor {
  const y = transpose(
    x,
    axes(x.rank).map((axis) => lastAxis(axis, x.rank)),
  );
  // Outside of traces it does not live as long.
  if (y.isTraced) remembered.set(y, x);
  return y;
}

/** An operand that is broadcast, in the order of [n, ..., c]; undefined if that costs as much as it saves. */
function broadcastLast(value: Value, rank: number, most: number): Value | undefined {
  if (!(value instanceof Tensor || value instanceof HostArray)) return undefined;
  const { shape } = value;
  if (shape.length > rank) return undefined;
  const size = sizeOf(shape);
  if (size === 1) return value;
  const full = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const target = ordered(full);
  if (full.filter((d) => d !== 1).length <= 1)
    return value instanceof HostArray
      ? new HostArray(value.data, target, value.dtype, value.exact)
      : reshape(value, target);
  if (value instanceof HostArray || 4 * size > most) return undefined;
  return transpose(reshape(value, full), ordered(axes(rank)));
}

/** An operator on single elements: of images with channels last it makes such images. */
const continued =
  (operator: Operator): Operator =>
  (call) => {
    const image = call.inputs.find((v): v is Tensor => v instanceof Tensor && remembered.has(v));
    // Before opset 7 an attribute says how operands are broadcast.
    if (!image || call.hasAttribute('broadcast')) return operator(call);
    const { rank, size } = image;
    let last = call;
    for (const [i, value] of call.inputs.entries()) {
      if (value === undefined) continue;
      const own = value instanceof Tensor && value.rank === rank ? remembered.get(value) : undefined;
      const moved = own ?? broadcastLast(value, rank, size);
      if (moved === undefined) return operator(call);
      last = last.with(i, moved);
    }
    const made = operator(last);
    return made instanceof Tensor && made.rank === rank ? toFirst(made) : operator(call);
  };

/**
 * Operators on single elements, which keep the order of what they are given.
 * @param except those that look at places in shapes
 */
export function continuing(definitions: Definitions, except: readonly Operator[]): Definitions {
  const each = (definition: Definition): Definition => ({
    ...definition,
    versions: Object.fromEntries(
      Object.entries(definition.versions).map(([since, operator]) => [
        since,
        except.includes(operator) ? operator : continued(operator),
      ]),
    ),
  });
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, each(definition)]));
}
