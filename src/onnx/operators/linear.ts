/** Products of matrices, determinants. */
import type { Call } from '../../graph/core/call';
import type { Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { scalar } from '../../ops/create/creation';
import { einsum } from '../../ops/linear/einsum';
import { matMul } from '../../ops/linear/products';
import * as sg from '../../ops/math/arithmetic';
import { argMax, sum } from '../../ops/math/reduce';
import { oneHot, reshape, slice } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { type Definitions, define } from './define';
import { outputType, wrapped } from './operands';

/** As numpy: a vector is a row on the left and a column on the right. */
export function product(a: Tensor, b: Tensor): Tensor {
  const x = a.rank === 1 ? reshape(a, [1, a.size]) : a;
  const y = b.rank === 1 ? reshape(b, [b.size, 1]) : b;
  const out = matMul(x, y);
  if (a.rank > 1 && b.rank > 1) return out;
  const shape = [...out.shape];
  if (b.rank === 1) shape.pop();
  if (a.rank === 1) shape.splice(shape.length - (b.rank === 1 ? 1 : 2), 1);
  return reshape(out, shape);
}

/** α · A · B + β · C */
function general(call: Call): Value {
  const [alpha, beta] = [call.real('alpha', 1), call.real('beta', 1)];
  const [a, b] = [call.tensor(0), call.tensor(1)];
  const scaled = (t: Tensor, factor: number): Tensor => (factor === 1 ? t : cast(sg.mul(t, factor), t.dtype));
  const y = scaled(matMul(a, b, call.flag('transA'), call.flag('transB')), alpha);
  const sum = call.has(2) && beta !== 0 ? sg.add(y, scaled(call.tensor(2), beta)) : y;
  return wrapped(sum, outputType(call));
}

/** Determinants of [batch, n, n], by elimination with the largest element of each column in front. */
function determinants(x: Tensor): Tensor {
  const n = x.shape[1] as number;
  let [rest, det] = [x, sg.broadcastTo(scalar(1), [x.shape[0] as number])];
  for (let m = n; m > 0; m--) {
    const batch = x.shape[0] as number;
    const column = reshape(slice(rest, [0, 0, 0], [batch, m, 1]), [batch, m]);
    const place = argMax(sg.abs(column), 1);
    const isPivot = reshape(oneHot(place, m), [batch, m, 1]);
    const pivot = sum(sg.mul(isPivot, rest), 1);
    const head = reshape(slice(pivot, [0, 0], [batch, 1]), [batch]);
    const sign = sg.where(sg.equal(place, scalar(0, 'int32')), 1, -1);
    det = sg.mul(det, sg.mul(head, sign));
    if (m === 1) break;
    // The first row takes the place of the pivot's.
    const top = slice(rest, [0, 0, 0], [batch, 1, m]);
    const swapped = sg.add(rest, sg.mul(isPivot, sg.sub(top, reshape(pivot, [batch, 1, m]))));
    const below = slice(swapped, [0, 1, 1], [batch, m - 1, m - 1]);
    const factors = sg.divNoNan(slice(swapped, [0, 1, 0], [batch, m - 1, 1]), reshape(head, [batch, 1, 1]));
    rest = sg.sub(below, sg.mul(factors, reshape(slice(pivot, [0, 1], [batch, m - 1]), [batch, 1, m - 1])));
  }
  return det;
}

function determinant(call: Call): Value {
  const x = call.tensor(0);
  const n = x.shape.at(-1);
  if (x.rank < 2 || n !== x.shape.at(-2)) throw call.fail(`needs square matrices, got [${String(x.shape)}]`);
  const batch = x.shape.slice(0, -2);
  return reshape(determinants(reshape(x, [-1, n as number, n as number])), batch);
}

export const linear: Definitions = {
  MatMul: define((call) => wrapped(product(call.tensor(0), call.tensor(1)), outputType(call)), { weights: [0, 1] }),
  Gemm: define(general, { weights: [0, 1, 2] }),
  Einsum: define({ 12: (call) => einsum(call.text('equation').replace(/\s/g, ''), ...call.tensors()) }),
  Det: define({ 11: determinant }),
};
