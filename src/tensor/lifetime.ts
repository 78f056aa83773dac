/** Memory in use, and freeing it. */
import { engine } from '../runtime/engine';
import { collect, type HasDispose } from './scope';
import { Storage } from './storage';
import { live } from './tensor';

/** Memory in use, as `sg.memory` returns it. */
export interface MemoryInfo {
  /** Handles that hold memory: tensors and variables. */
  readonly numTensors: number;
  /** Blocks of memory behind them and behind programs. */
  readonly numDataBuffers: number;
  /** Bytes in blocks now. */
  readonly numBytes: number;
  /** Largest number of bytes in blocks so far. */
  readonly peakBytes: number;
  /** Size of linear memory, which never shrinks. */
  readonly capacity: number;
}

/**
 * Numbers of living tensors and bytes.
 * @example
 * const { numTensors, numBytes } = sg.memory();
 */
export function memory(): MemoryInfo {
  const { bytesInUse, peakBytes, capacity } = engine.memory.usage;
  return { numTensors: live.count, numDataBuffers: Storage.live, numBytes: bytesInUse, peakBytes, capacity };
}

/**
 * Disposes of a tensor, or of all tensors inside arrays and objects. Other values are ignored.
 * @throws as `dispose` of one of the values
 * @example
 * sg.dispose([sg.ones([2]), { x: sg.ones([3]) }]);
 */
export function dispose(container: unknown): void {
  const found = new Set<HasDispose>();
  collect(container, found);
  for (const tensor of found) tensor.dispose();
}
