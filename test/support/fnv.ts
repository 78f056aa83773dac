/** A short hash of tensors that needs nothing of a runtime. */
import type { Tensor } from '../../src/index';

/** FNV-1a over the bit patterns of all elements. */
export function fnv(tensors: readonly Tensor[]): number {
  let hash = 0x811c9dc5;
  for (const t of tensors) {
    const values = t.dataSync();
    for (const word of new Uint32Array(values.buffer, values.byteOffset, values.length))
      hash = Math.imul(hash ^ word, 0x01000193);
  }
  return hash >>> 0;
}
