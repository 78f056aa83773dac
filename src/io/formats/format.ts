/** What a file format has to know, so that models can be read and written in it. */
import type { Model } from '../../models/model';
import type { Tensor } from '../../tensor/tensor';
import type { TrainingState } from '../../train/totals/state';

/** Elements of a weight, of the type that its variable has: float32, int32, bool. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** One weight of a file. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /**
   * Writes the elements, converted, to where they are needed: so a weight is copied once, from the file into the
   * memory of its variable.
   */
  copyTo(target: Elements): void;
}

/** A model as data, with the library's own names for classes, settings and choices. */
export interface StoredModel {
  /** Missing where a file holds weights alone. */
  readonly topology?: { readonly className: string; readonly config: Record<string, unknown> };
  /**
   * The weights of the model that was made of the topology, in the order of `model.weights`.
   * @throws FormatError where they do not fit
   */
  weightsFor(model: Model<Tensor | Tensor[]>): readonly StoredWeight[];
  /** Arguments of `compile`. */
  readonly compile?: Record<string, unknown>;
  /** Everything that a training changes; it needs the model, as its order is that of the model's variables. */
  stateFor?(model: Model<Tensor | Tensor[]>): TrainingState | undefined;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Bytes of a file that need not all be read. */
export interface Source {
  /** For errors. */
  readonly name: string;
  readonly size: number;
  /** The bytes of [from, to), perhaps a view of what is there already. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** What a format is asked to write. */
export interface SaveRequest {
  readonly model: Model<Tensor | Tensor[]>;
  readonly includeOptimizer: boolean;
  readonly trainableOnly: boolean;
  /** How float32 weights are stored. */
  readonly weights: 'float32' | 'float16' | 'bfloat16' | 'int8';
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A format of one file, in a module of its own that is loaded when it is used. */
export interface Format {
  /** @throws FormatError */
  read(source: Source): Promise<StoredModel>;
  write(request: SaveRequest): Promise<Uint8Array>;
}
