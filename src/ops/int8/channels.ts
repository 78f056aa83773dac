/** Numbers as integers of eight bits with one scale for each channel: value = integer · scale. */

/** How the channels of an array follow each other: element i is of channel ⌊i / run⌋ mod count. */
export interface Channels {
  readonly count: number;
  readonly run: number;
}

export interface Integers {
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

/** Scales are the greatest |value| / 127, so that no integer is below -127; undefined if a value is NaN or infinite. */
export function toIntegers(values: Float32Array, { count, run }: Channels): Integers | undefined {
  const scales = new Float32Array(count);
  const channelOf = (i: number): number => Math.floor(i / run) % count;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (!(size < Infinity)) return undefined;
    const c = channelOf(i);
    if (size > (scales[c] as number)) scales[c] = size;
  }
  for (let c = 0; c < count; c++) scales[c] = (scales[c] as number) / 127;
  const data = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const scale = scales[channelOf(i)] as number;
    data[i] = scale ? Math.max(-127, Math.min(127, Math.round((values[i] as number) / scale))) : 0;
  }
  return { data, scales };
}

/** The values of integers, in float32. */
export function fromIntegers({ data, scales }: Integers, run: number, to: { [i: number]: number }): void {
  for (let i = 0; i < data.length; i++)
    to[i] = (data[i] as number) * (scales[Math.floor(i / run) % scales.length] as number);
}
