/** What a file format has to know, so that models can be read and written in it. */
import type { Model } from '../../models/model';
import type { Integers } from '../../ops/int8/channels';
import type { Int8Form } from '../../ops/int8/weights';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Optimizer, OptimizerState } from '../../train/optimizers/optimizer';
import type { TrainingState } from '../../train/totals/state';

/** A model with one output or several. */
export type AnyModel = Model<Tensor | Tensor[]>;

/** The memory of a variable: float32, or int32 for the types int32 and bool, whose elements are 0 and 1. */
export type Elements = Float32Array | Int32Array;

/** One weight of a file. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the elements that `copyTo` writes. */
  readonly dtype: DType;
  /** What is stored, if that is integers of eight bits with scales. */
  readonly integers?: Integers | undefined;
  /** How it is read, if its bytes are not in memory yet; see `weights/pour.ts`. */
  readonly unread?: Unread | undefined;
  /**
   * Writes all elements, converted, to where they are needed: so a weight is copied once, from the file into the memory
   * of its variable. It does not fail: what may fail was done when the weight was found, or kept.
   */
  copyTo(target: Elements): void;
}

/** What is read of a source, and where it goes. */
export interface Sink {
  readonly from: number;
  readonly to: number;
  /** Bytes that are needed together, such as those of an element. */
  readonly unit: number;
  /**
   * Takes the next bytes, whole units, which are gone afterwards.
   * @param at bytes before them
   * @throws FormatError, DTypeError for what no tensor holds
   */
  put(bytes: Uint8Array, at: number): void;
}

/** A weight whose bytes are in a file. */
export interface Unread {
  readonly source: Source;
  /** To write it while it is read. @param targetOf its memory, asked for again for each piece, as memory moves */
  pour(targetOf: () => Elements): readonly Sink[];
  /** To have it in memory, for `copyTo`. */
  keep(): readonly Sink[];
}

/** A weight that stays int8 in the model, and with which it computes. */
export interface StoredForm extends Int8Form {
  /** Its position in `model.weights`. */
  readonly weight: number;
}

/** A class and its settings, as the library itself names them. */
export interface Serialized {
  readonly className: string;
  readonly config: Record<string, unknown>;
}

/** A value for all outputs, for each in their order, or by their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** A name, or a class (of losses: `sg.losses[className]`) with its settings. */
export type Named = string | Serialized;

/** Arguments of `compile`, as data with the library's own names. */
export interface StoredCompile {
  readonly optimizer: Serialized;
  readonly loss: PerOutput<Named | null>;
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  readonly metrics?: PerOutput<Named | readonly Named[]>;
  readonly weightedMetrics?: PerOutput<Named | readonly Named[]>;
}

/** What a training has gathered besides the weights. */
export interface StoredTraining {
  /** Calls of the optimizer, and its moments. */
  readonly optimizer: OptimizerState;
  /** The rate, which callbacks may have changed; by default that of the optimizer's settings. */
  readonly learningRate?: number;
  /** Steps made, which random layers depend on; by default those of the optimizer. */
  readonly step?: number;
  /** What layers keep from batch to batch besides their weights. */
  readonly states?: TrainingState['states'];
  /** Trained variables, by their position among them, that weight decay leaves alone. */
  readonly undecayed?: readonly number[];
}

/**
 * The training of a compiled model, taken from it where training is known: so formats need none of it, and programs that
 * only predict load models without it.
 */
export interface PresentTraining {
  readonly optimizer: Optimizer;
  /** The variables that the model trains, in the order of its optimizer. */
  readonly trained: readonly Variable[];
  readonly state: Required<StoredTraining>;
}

/** A training as it is written: with the arguments of `compile`. */
export interface WrittenTraining extends PresentTraining {
  readonly compile: StoredCompile;
}

/** Where random numbers of a model come from, and how many of them were taken. */
export interface RandomState {
  /** Seed of the model's programs, and the calls of `predict` and `evaluate` made. */
  readonly seed: readonly [number, number];
  readonly calls: number;
  /** Of each random layer, in the order of the layers: two words of its seed, stream, calls. */
  readonly layers: readonly (readonly [number, number, number, number])[];
}

/** What may differ between a file of Keras and a model that its weights are loaded into. */
export interface Leniency {
  /** Whether layers are found by their names, and those that the file lacks keep their weights. */
  readonly byName?: boolean | undefined;
  /** Whether layers whose weights have other shapes in the file keep theirs. */
  readonly skipMismatch?: boolean | undefined;
}

/** A model as data, with the library's own names for classes, settings and choices. */
export interface StoredModel {
  /** Missing where a file holds weights alone. */
  readonly topology?: Serialized;
  /** Elements of all weights: no model that they are for has more. Missing where a file holds a topology alone. */
  elements?(): Promise<number> | number;
  /**
   * The weights of a model, in the order of `model.weights`; undefined for those that the file lacks. There is no such
   * method where a file holds a topology alone.
   * @param strict whether all weights of the model must be in the file, and all of the file in the model
   * @param leniency what may differ all the same, as files of Keras know it
   * @throws FormatError, ArgumentError where they do not fit
   */
  weightsFor?(
    model: AnyModel,
    strict: boolean,
    leniency?: Leniency,
  ): Promise<readonly (StoredWeight | undefined)[]> | readonly (StoredWeight | undefined)[];
  /** Where the weights are read from, if they are not in memory: damage may be found last. */
  readonly source?: Source;
  readonly compile?: StoredCompile;
  /** Weights that stay int8. */
  readonly forms?: readonly StoredForm[];
  /**
   * What a training of the model, which was compiled so, has gathered; undefined if there is nothing.
   * @param present its training as it is: slots of the optimizer and states are to be filled in this order
   * @throws FormatError, ArgumentError where it does not fit
   */
  trainingFor?(
    model: AnyModel,
    present: PresentTraining,
  ): Promise<StoredTraining | undefined> | StoredTraining | undefined;
  /** What `trainingFor` copies: it must have been kept. */
  readonly trainingArrays?: readonly StoredWeight[];
  readonly random?: RandomState;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Bytes of a file that need not all be read. */
export interface Source {
  /** For errors. */
  readonly name: string;
  readonly size: number;
  /** The bytes of [from, to), perhaps a view of what is there already. */
  read(from: number, to: number): Promise<Uint8Array>;
  /** The same in pieces, each of which is gone when the next is asked for. */
  pieces?(from: number, to: number): AsyncIterable<Uint8Array>;
  /** All bytes, where they are in memory already. */
  readonly whole?: Uint8Array | undefined;
  /** What tells whether they are damaged, if all are read. */
  readonly seal?: Seal | undefined;
}

/** A digest of what a source has from a byte on to its end. */
export interface Seal {
  readonly from: number;
  begin(): SealCheck;
}

/** A digest while it is computed. */
export interface SealCheck {
  /** The next bytes. */
  add(bytes: Uint8Array): void;
  /** @throws FormatError if it is not the digest that the file should have */
  end(): void;
}

/** How numbers are stored: as they are; as floats of 16 bits; int8 with a scale per output channel; as TF.js quantizes. */
export type Precision = 'float32' | 'float16' | 'bfloat16' | 'int8' | 'uint8' | 'uint16';

/** What a format is asked to write. */
export interface SaveRequest {
  readonly model: AnyModel;
  /** Arguments of `compile` and the state of the training, if they are written too. */
  readonly training?: WrittenTraining | undefined;
  readonly trainableOnly: boolean;
  /** How float32 weights are stored; a format refuses what it does not have. */
  readonly weights: Precision;
  /** What `model.setUserDefinedMetadata` was given. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** A format of one file, in a module of its own that is loaded when it is used. */
export interface Format {
  /** @throws FormatError */
  read(source: Source): Promise<StoredModel>;
  /** @throws ArgumentError for what the format cannot hold */
  write(request: SaveRequest): Promise<Uint8Array>;
}
