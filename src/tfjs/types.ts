/** Names that TensorFlow.js has for types. Ranks are for the reader: every tensor is accepted where one is asked for. */
import type { FitDatasetArgs } from '../models/loop/settings';
import { TensorBuffer as BaseBuffer } from '../ops/create/buffer';
import type { Nested } from '../ops/reading';
import type { DType, TypedArrayOf } from '../tensor/dtype';
import { Tensor as BaseTensor } from '../tensor/tensor';
import { Variable as BaseVariable } from '../tensor/variable';

/** Number of dimensions, as TensorFlow.js names it in types. */
export enum Rank {
  R0 = 'R0',
  R1 = 'R1',
  R2 = 'R2',
  R3 = 'R3',
  R4 = 'R4',
  R5 = 'R5',
  R6 = 'R6',
}

/** Nested arrays of each rank. */
export interface ArrayOf {
  /** A number, for a scalar. */
  R0: number;
  /** Nested arrays of rank 1. */
  R1: number[];
  /** Nested arrays of rank 2. */
  R2: number[][];
  /** Nested arrays of rank 3. */
  R3: number[][][];
  /** Nested arrays of rank 4. */
  R4: number[][][][];
  /** Nested arrays of rank 5. */
  R5: number[][][][][];
  /** Nested arrays of rank 6. */
  R6: number[][][][][][];
}

/** What `arraySync` and `array` return for tensors of a known rank. */
export interface RankedArrays<R extends Rank> {
  /** All elements, as nested arrays. */
  arraySync<T extends Nested = ArrayOf[R]>(): T;
  /** All elements, as nested arrays. */
  array<T extends Nested = ArrayOf[R]>(): Promise<T>;
}

/** An n-dimensional array of numbers or booleans; `sg.tensor` makes one. For `instanceof`, and as a type. */
export const Tensor = BaseTensor;
/** A tensor; with a rank, as in TensorFlow.js, `arraySync` and `array` are typed by it. */
export type Tensor<R extends Rank = Rank> = (Rank extends R ? unknown : RankedArrays<R>) & BaseTensor;
/** A tensor whose value can be replaced; `sg.variable` makes one. For `instanceof`, and as a type. */
export const Variable = BaseVariable;
/** A variable; with a rank, as in TensorFlow.js, `arraySync` and `array` are typed by it. */
export type Variable<R extends Rank = Rank> = (Rank extends R ? unknown : RankedArrays<R>) & BaseVariable;
/** An array to fill element by element; `sg.buffer` makes one. For `instanceof`, and as a type. */
export const TensorBuffer = BaseBuffer;
/** `TensorBuffer<'int32'>`, or as in TensorFlow.js `TensorBuffer<Rank.R2, 'int32'>`. */
export type TensorBuffer<A extends Rank | DType = DType, D extends DType = DType> = BaseBuffer<A extends DType ? A : D>;

/** A tensor of rank 0. */
export type Scalar = Tensor<Rank.R0>;
/** A tensor of rank 1. */
export type Tensor1D = Tensor<Rank.R1>;
/** A tensor of rank 2. */
export type Tensor2D = Tensor<Rank.R2>;
/** A tensor of rank 3. */
export type Tensor3D = Tensor<Rank.R3>;
/** A tensor of rank 4. */
export type Tensor4D = Tensor<Rank.R4>;
/** A tensor of rank 5. */
export type Tensor5D = Tensor<Rank.R5>;
/** A tensor of rank 6. */
export type Tensor6D = Tensor<Rank.R6>;

/** Shapes of each rank. */
export interface ShapeMap {
  /** Shape of a scalar. */
  R0: number[];
  /** Shape of rank 1. */
  R1: [number];
  /** Shape of rank 2. */
  R2: [number, number];
  /** Shape of rank 3. */
  R3: [number, number, number];
  /** Shape of rank 4. */
  R4: [number, number, number, number];
  /** Shape of rank 5. */
  R5: [number, number, number, number, number];
  /** Shape of rank 6. */
  R6: [number, number, number, number, number, number];
}

/** The name that TensorFlow.js has for `DType`. */
export type DataType = DType;
/** The name that TensorFlow.js has for `DType` without texts. */
export type NumericDataType = DType;
/** Typed arrays by element type. */
export type DataTypeMap = TypedArrayOf;
/** A typed array of elements. */
export type DataValues = TypedArrayOf[DType];
/** What tensors share that use the same memory; see `Tensor.dataId`. */
export type DataId = object;
/** Numbers, or what becomes a scalar. */
export type ScalarLike = number | boolean;

/** Tensors by name. */
export type NamedTensorMap = Record<string, BaseTensor>;
/** A tensor, or arrays and objects of tensors and of other values. */
export type TensorContainer =
  | TensorContainerObject
  | TensorContainerArray
  | BaseTensor
  | string
  | number
  | boolean
  | null
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: functions given to tidy may return nothing
  | void;
/** An object of tensors and of other values. */
export interface TensorContainerObject {
  [name: string]: TensorContainer;
}
/** An array of tensors and of other values. */
export interface TensorContainerArray extends Array<TensorContainer> {}

/** A tensor's properties without its value. */
export interface TensorInfo {
  /** Equal for tensors that share their memory. */
  readonly dataId: DataId;
  /** Sizes of the dimensions. */
  readonly shape: number[];
  /** Element type. */
  readonly dtype: DType;
}

/** Settings of `fitDataset`; the type of the elements follows from the data set. */
export type ModelFitDatasetArgs<_Element = unknown> = FitDatasetArgs;
