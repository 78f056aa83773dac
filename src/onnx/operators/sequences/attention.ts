/** Attention: queries that look for keys, with caches, masks and windows. */
import type { Call } from '../../../graph/core/call';
import type { Value } from '../../../graph/core/value';
import { cast } from '../../../ops/core/cast';
import { fill, tensor, zeros } from '../../../ops/create/creation';
import { range } from '../../../ops/create/sequences';
import { gather } from '../../../ops/indexing/indexing';
import { matMul } from '../../../ops/linear/products';
import * as sg from '../../../ops/math/arithmetic';
import { max, softmax } from '../../../ops/math/reduce';
import { concat, pad, reshape, slice, transpose } from '../../../ops/shape/shaping';
import { loop } from '../../../plan/loop';
import type { Tensor } from '../../../tensor/tensor';
import { invoke } from '../control';
import { type Definitions, define, type TypeRule } from '../define';
import { float } from '../operands';

type Shape4 = [number, number, number, number];

const constant = (value: number): Tensor => fill([], value, 'float32');

/** 0 where something is seen, else -inf. */
const biasOf = (isSeen: Tensor): Tensor => sg.where(isSeen, constant(0), constant(Number.NEGATIVE_INFINITY));

/** [batch, time, heads n] -> [batch, heads, time, n] */
function headsOf(call: Call, x: Tensor, heads: number): Tensor {
  const [batch, time, width] = x.shape as [number, number, number];
  if (heads < 1 || width % heads) throw call.fail(`${width} numbers are not those of ${heads} heads`);
  return transpose(reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, time, n] -> [batch, time, heads n] */
function joinedHeads(x: Tensor): Tensor {
  const [batch, heads, time, width] = x.shape as Shape4;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, time, heads * width]);
}

/**
 * Products of queries with keys, several heads of queries for one of keys.
 * @param q [batch, heads, queries, n]
 * @param k [batch, fewer heads, keys, n]
 */
function scoresOf(call: Call, q: Tensor, k: Tensor): Tensor {
  const [batch, heads, queries, width] = q.shape as Shape4;
  const [, few, keys] = k.shape as Shape4;
  if (few < 1 || heads % few || k.shape[0] !== batch || k.shape[3] !== width)
    throw call.fail(`queries [${String(q.shape)}] do not fit keys [${String(k.shape)}]`);
  const rows = reshape(q, [batch, few, (heads / few) * queries, width]);
  return reshape(matMul(rows, k, false, true), [batch, heads, queries, keys]);
}

/** Sums of values by weights of [batch, heads, queries, keys]. */
function mixed(call: Call, weights: Tensor, v: Tensor): Tensor {
  const [batch, heads, queries, keys] = weights.shape as Shape4;
  const [, few, found, width] = v.shape as Shape4;
  if (found !== keys || few < 1 || heads % few)
    throw call.fail(`values [${String(v.shape)}] do not fit ${heads} heads and ${keys} keys`);
  const rows = reshape(weights, [batch, few, (heads / few) * queries, keys]);
  return reshape(matMul(rows, v), [batch, heads, queries, width]);
}

const scaleOf = (call: Call, width: number): number => call.real('scale', 1 / Math.sqrt(width));

/** Which keys a query may see by its place: up to `right` behind it, `left` before it. */
interface Window {
  readonly left: number;
  readonly right: number;
}

function windowOf(call: Call): Window | undefined {
  const [left, right] = [call.wholeOf('left_window_size', -1), call.wholeOf('right_window_size', -1)];
  if (left < -1 || right < -1) throw call.fail(`windows of ${left} and ${right} must be sizes, or -1 for all`);
  const isCausal = call.flag('is_causal');
  if (!isCausal && left < 0 && right < 0) return undefined;
  const unbounded = Number.POSITIVE_INFINITY;
  const behind = right < 0 ? unbounded : right;
  return { left: left < 0 ? unbounded : left, right: isCausal ? Math.min(0, behind) : behind };
}

/** Bias of a window: [queries, keys], or [batch, 1, queries, keys] where batches have lengths of their own. */
function windowBias({ left, right }: Window, queries: number, keys: number, offset: number | Tensor): Tensor {
  if (typeof offset === 'number') {
    const seen = new Uint8Array(queries * keys);
    for (let i = 0; i < queries; i++)
      for (let j = 0; j < keys; j++) {
        const ahead = j - i - offset;
        seen[i * keys + j] = ahead <= right && -ahead <= left ? 1 : 0;
      }
    return biasOf(tensor(seen, [queries, keys], 'bool'));
  }
  const place = reshape(range(0, queries, 1, 'int32'), [queries, 1]);
  const ahead = sg.sub(reshape(range(0, keys, 1, 'int32'), [1, keys]), sg.add(place, offset));
  const integer = (value: number): Tensor => fill([], value, 'int32');
  const parts: Tensor[] = [];
  if (Number.isFinite(right)) parts.push(sg.lessEqual(ahead, integer(right)));
  if (Number.isFinite(left)) parts.push(sg.greaterEqual(ahead, integer(-left)));
  return biasOf(parts.reduce((a, b) => sg.logicalAnd(a, b)));
}

/** The mask of a node as numbers that are added, for all keys. */
function maskBias(call: Call, keys: number): Tensor {
  const mask = call.tensor(3);
  const isBool = mask.dtype === 'bool';
  const bias = isBool ? biasOf(mask) : cast(mask, 'float32');
  const missing = keys - (bias.shape.at(-1) ?? keys);
  if (missing <= 0) return bias;
  const amounts = bias.shape.map((_, i): [number, number] => [0, i === bias.rank - 1 ? missing : 0]);
  return pad(bias, amounts, Number.NEGATIVE_INFINITY);
}

/** All that is added to the scores, and whether it may hide all keys of a query. */
function biasesOf(
  call: Call,
  queries: number,
  keys: number,
  past: number | undefined,
): { readonly bias: Tensor | undefined; readonly mayHideAll: boolean } {
  const lengths = call.has(6) ? reshape(cast(call.tensor(6), 'int32'), [-1, 1, 1, 1]) : undefined;
  const window = windowOf(call);
  const biases: Tensor[] = [];
  if (call.has(3)) biases.push(maskBias(call, keys));
  if (window) {
    const offset = past === undefined && lengths ? sg.sub(lengths, fill([], queries, 'int32')) : (past ?? 0);
    biases.push(windowBias(window, queries, keys, offset));
  }
  if (lengths) biases.push(biasOf(sg.less(reshape(range(0, keys, 1, 'int32'), [1, 1, 1, keys]), lengths)));
  // Of a causal mask alone every query sees the first key.
  const isPlain = biases.length === 1 && window?.left === Number.POSITIVE_INFINITY && !call.has(3);
  return { bias: biases.length ? biases.reduce((a, b) => sg.add(a, b)) : undefined, mayHideAll: !isPlain };
}

/** Probabilities of the keys; zeros for queries that see none. */
function probabilities(scores: Tensor, bias: Tensor | undefined, mayHideAll: boolean): Tensor {
  if (!bias) return softmax(scores, -1);
  if (!mayHideAll) return softmax(sg.add(scores, bias), -1);
  const isHidden = sg.equal(max(bias, -1, true), Number.NEGATIVE_INFINITY);
  // A row without any number would be NaN, and its gradient too.
  const p = softmax(sg.add(scores, sg.where(isHidden, constant(0), bias)), -1);
  return sg.where(isHidden, constant(0), p);
}

function attention(call: Call): readonly Value[] {
  const isFlat = call.shape(0).length === 3;
  const heads = (i: number, name: string): Tensor =>
    isFlat ? headsOf(call, float(call, i), call.wholeOf(name)) : float(call, i);
  const q = heads(0, 'q_num_heads');
  const joined = (i: number, past: number): Tensor => {
    const x = heads(i, 'kv_num_heads');
    return call.has(past) ? concat([float(call, past), x], 2) : x;
  };
  const [k, v] = [joined(1, 4), joined(2, 5)];
  if (q.rank !== 4 || k.rank !== 4 || v.rank !== 4)
    throw call.fail(`queries, keys and values must have rank 3 or 4, got [${String(call.shape(0))}]`);
  const [, , queries, width] = q.shape as Shape4;
  const keys = k.shape[2] as number;
  const softcap = call.real('softcap', 0);
  const raw = scoresOf(call, sg.mul(q, scaleOf(call, width)), k);
  const scores = softcap > 0 ? sg.mul(sg.tanh(sg.div(raw, softcap)), softcap) : raw;
  const { bias, mayHideAll } = biasesOf(call, queries, keys, call.has(4) ? call.shape(4)[2] : undefined);
  const p = probabilities(scores, bias, mayHideAll);
  const y = mixed(call, p, v);
  const stages = [() => raw, () => scores, () => (bias ? sg.add(scores, bias) : scores), () => p];
  const stage = stages[call.wholeOf('qk_matmul_output_mode', 0)];
  if (!stage) throw call.fail('attribute qk_matmul_output_mode must be from 0 to 3');
  const outputs: Value[] = [isFlat ? joinedHeads(y) : y, k, v];
  if (call.outputCount > 3) outputs.push(stage());
  return outputs;
}

const attentionTypes: TypeRule = ({ inputs, outputCount }) =>
  [inputs[0], inputs[1], inputs[2], inputs[0]].slice(0, outputCount);

/** Attention whose scores and probabilities graphs of the node change. */
function flexible(call: Call): Tensor {
  const [q, k, v] = [float(call, 0), float(call, 1), float(call, 2)];
  if (q.rank !== 4 || k.rank !== 4 || v.rank !== 4)
    throw call.fail(`queries, keys and values must have rank 4, got [${String(q.shape)}]`);
  const change = (body: string, x: Tensor): Tensor => {
    if (!call.hasAttribute(body)) return x;
    const [y] = invoke(call, body, [x]);
    if (y === undefined) throw call.fail(`${body} has no output`);
    return cast(call.asTensor(y, 0), 'float32');
  };
  const scores = change('score_mod', scoresOf(call, sg.mul(q, scaleOf(call, q.shape[3] as number)), k));
  return mixed(call, change('prob_mod', softmax(scores, -1)), v);
}

/** Pairs of numbers turned by an angle for their place. */
function rotated(call: Call): Tensor {
  const given = float(call, 0);
  const isFlat = given.rank === 3;
  // [batch, heads, time, n]
  const x = isFlat ? headsOf(call, given, call.wholeOf('num_heads', 0)) : given;
  const [batch, heads, time, width] = x.shape as Shape4;
  const turned = call.wholeOf('rotary_embedding_dim', 0) || width;
  const half = turned / 2;
  if (!Number.isInteger(half) || turned > width) throw call.fail(`cannot turn ${turned} of ${width} numbers`);
  const cache = (i: number): Tensor => {
    const all = float(call, i);
    const rows = call.has(3) ? gather(all, cast(call.tensor(3), 'int32')) : all;
    if (rows.shape.at(-1) !== half) throw call.fail(`input ${i} must have ${half} numbers for a place`);
    return reshape(rows, [rows.shape[0] as number, 1, time, half]);
  };
  const [cos, sin] = [cache(1), cache(2)];
  const isInterleaved = call.flag('interleaved');
  const size = [batch, heads, time, half];
  const pairs = isInterleaved ? reshape(slice(x, [0, 0, 0, 0], [batch, heads, time, turned]), [...size, 2]) : undefined;
  const part = (k: number): Tensor =>
    pairs ? reshape(slice(pairs, [0, 0, 0, 0, k], [...size, 1]), size) : slice(x, [0, 0, 0, k * half], size);
  const [a, b] = [part(0), part(1)];
  const real = sg.sub(sg.mul(cos, a), sg.mul(sin, b));
  const imaginary = sg.add(sg.mul(sin, a), sg.mul(cos, b));
  const both = isInterleaved
    ? reshape(concat([reshape(real, [...size, 1]), reshape(imaginary, [...size, 1])], 4), [batch, heads, time, turned])
    : concat([real, imaginary], 3);
  const rest = slice(x, [0, 0, 0, turned], [batch, heads, time, width - turned]);
  const y = turned < width ? concat([both, rest], 3) : both;
  return isFlat ? joinedHeads(y) : y;
}

const RULES = ['linear', 'gated', 'delta', 'gated_delta'];

/** Attention with a state instead of all keys: S = S exp(decay) + k (v - kS)ᵀ beta, y = q S. */
function linearAttention(call: Call): readonly Value[] {
  const rule = call.text('update_rule', 'gated_delta');
  if (!RULES.includes(rule)) throw call.fail(`attribute update_rule must be one of ${RULES.join(', ')}, got '${rule}'`);
  const [isGated, isDelta] = [rule.startsWith('gated'), rule.endsWith('delta')];
  if (call.has(4) !== isGated || call.has(5) !== isDelta)
    throw call.fail(
      `update_rule '${rule}' ${isGated ? 'needs' : 'has no'} decay and ${isDelta ? 'needs' : 'has no'} beta`,
    );
  const [many, few] = [call.wholeOf('q_num_heads'), call.wholeOf('kv_num_heads')];
  if (few < 1 || many % few) throw call.fail(`${many} heads of queries are not a multiple of ${few}`);
  const [q, k, v] = [
    headsOf(call, float(call, 0), many),
    headsOf(call, float(call, 1), few),
    headsOf(call, float(call, 2), few),
  ];
  const [batch, , time, width] = q.shape as Shape4;
  const depth = v.shape[3] as number;
  // Time first.
  const steps = (x: Tensor, shape: readonly number[]): Tensor =>
    reshape(transpose(x, [2, 0, 1, 3]), [time, batch, ...shape]);
  const group = many / few;
  const xs = [steps(q, [few, group, width]), steps(k, [few, 1, width]), steps(v, [few, 1, depth])];
  if (isGated) {
    const decay = float(call, 4);
    const each = decay.shape[2] === few ? 1 : width;
    xs.push(steps(headsOf(call, decay, few), [few, each, 1]));
  }
  if (isDelta) {
    const beta = float(call, 5);
    const own = beta.shape[2] as number;
    xs.push(steps(headsOf(call, beta, own), [own, 1, 1]));
  }
  const scale = call.real('scale', 0) || 1 / Math.sqrt(width);
  const first = call.has(3) ? float(call, 3) : zeros([batch, few, width, depth]);
  const { carry, ys } = loop(
    ([before], slices) => {
      const [qt, kt, vt, ...rest] = slices as [Tensor, Tensor, Tensor, ...Tensor[]];
      let state = before as Tensor;
      if (isGated) state = sg.mul(state, sg.exp(rest[0] as Tensor));
      const fresh = isDelta ? sg.mul(sg.sub(vt, matMul(kt, state)), rest.at(-1) as Tensor) : vt;
      state = sg.add(state, matMul(kt, fresh, true));
      return { carry: [state], ys: [matMul(qt, state)] };
    },
    [first],
    xs,
  );
  const y = reshape(sg.mul(ys[0] as Tensor, scale), [time, batch, many * depth]);
  return [transpose(y, [1, 0, 2]), carry[0] as Tensor];
}

export const attentions: Definitions = {
  Attention: define({ 23: attention }, { types: attentionTypes }),
  RotaryEmbedding: define({ 23: rotated }),
  LinearAttention: define({ 27: linearAttention }, { types: ({ inputs }) => [inputs[0], inputs[3] ?? inputs[0]] }),
};

/** Of the domain ai.onnx.preview. */
export const previews: Definitions = {
  FlexAttention: define(flexible, { isPure: false, bodyInputs: ([q]) => [q === 'float64' ? q : 'float32'] }),
};
