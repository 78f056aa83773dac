/** A part of a file as a file of its own. */
import type { Seal, Source } from './format';

/** The bytes of [from, to) of a source. @param seal what they are compared with when all are read */
export function partOf(source: Source, name: string, from: number, to: number, seal?: Seal): Source {
  const { pieces } = source;
  return {
    name,
    size: to - from,
    whole: source.whole?.subarray(from, to),
    seal,
    read: (start, end) => source.read(from + start, from + Math.min(end, to - from)),
    ...(pieces && { pieces: (start, end) => pieces.call(source, from + start, from + end) }),
  };
}
