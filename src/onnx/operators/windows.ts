/** Windows of convolutions and pools: how far apart, how wide, how many, by the attributes of a node. */
import type { Call } from '../../graph/core/call';

export interface Window {
  /** Of the kernel. */
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding in front of each dimension, and behind it. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** Windows in each dimension. */
  readonly positions: readonly number[];
}

function positive(call: Call, name: string, dims: number): readonly number[] {
  const list = call.numbers(name, new Array<number>(dims).fill(1));
  if (list.length === dims && list.every((v) => v > 0)) return list;
  throw call.fail(`attribute ${name} must be ${dims} positive integers, got [${String(list)}]`);
}

/**
 * @param input sizes of the dimensions that windows move along
 * @param size of the kernel
 */
export function windowOf(call: Call, input: readonly number[], size: readonly number[]): Window {
  const dims = input.length;
  if (size.length !== dims) throw call.fail(`a kernel [${String(size)}] does not fit [${String(input)}]`);
  const [strides, dilations] = [positive(call, 'strides', dims), positive(call, 'dilations', dims)];
  const reach = size.map((k, d) => (k - 1) * (dilations[d] as number) + 1);
  const mode = call.text('auto_pad', 'NOTSET');
  const given = call.numbers('pads', new Array<number>(2 * dims).fill(0));
  if (given.length !== 2 * dims) throw call.fail(`attribute pads must be ${2 * dims} integers, got [${String(given)}]`);
  let [begin, end] = [given.slice(0, dims), given.slice(dims)];
  if (mode === 'VALID') [begin, end] = [input.map(() => 0), input.map(() => 0)];
  else if (mode !== 'NOTSET') {
    const isLower = mode === 'SAME_LOWER';
    if (!isLower && mode !== 'SAME_UPPER') throw call.fail(`attribute auto_pad is '${mode}'`);
    const more = input.map((n, d) => {
      const stride = strides[d] as number;
      return Math.max(0, (Math.ceil(n / stride) - 1) * stride + (reach[d] as number) - n);
    });
    begin = more.map((m) => (isLower ? Math.ceil(m / 2) : Math.floor(m / 2)));
    end = more.map((m, d) => m - (begin[d] as number));
  }
  const positions = input.map((n, d) => {
    const wide = n + (begin[d] as number) + (end[d] as number);
    return Math.max(0, Math.floor((wide - (reach[d] as number)) / (strides[d] as number)) + 1);
  });
  return { size, strides, dilations, begin, end, positions };
}
