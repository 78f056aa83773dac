/** Settings of files of arrays. */
import type { LoadOptions } from '../model/options';
import type { NumberTypeName } from '../weights/elements';

/** Settings of requests, for files on servers. */
export type RequestOptions = Pick<LoadOptions, 'requestInit' | 'fetchFunc'>;

/** A type for all tensors that hold such numbers, or types by the names of tensors. */
export type TypesByName = NumberTypeName | Readonly<Record<string, NumberTypeName>>;

/** Settings of `sg.io.encodeNpy` and `sg.io.saveNpy`. */
export interface NpyOptions {
  /**
   * Type of the numbers in the file; that of the tensor by default. float32 can be written as float16 (rounded) and
   * float64, int32 as all types of integers that hold its values, bool as uint8 and int8.
   */
  dtype?: NumberTypeName | null;
}

/** Settings of `sg.io.encodeNpz` and `sg.io.saveNpz`. */
export interface NpzOptions {
  /** Types of the numbers in the file, as for `sg.io.encodeNpy`; those of the tensors by default. */
  dtype?: TypesByName | null;
  /** Whether the arrays are compressed; default false. */
  compress?: boolean | null;
}

/** Settings of `sg.io.encodeSafetensors` and `sg.io.saveSafetensors`. */
export interface SafetensorsOptions {
  /** Types of the numbers in the file, as for `sg.io.encodeNpy`, also bfloat16; those of the tensors by default. */
  dtype?: TypesByName | null;
  /** Texts beside the tensors; none by default. */
  metadata?: Readonly<Record<string, string>> | null;
}
