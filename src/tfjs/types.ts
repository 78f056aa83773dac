/** Names that TensorFlow.js has for types. Ranks are for the reader: every tensor may stand where one is asked for. */
import type { FitDatasetArgs } from '../models/loop/training';
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
  R0: number;
  R1: number[];
  R2: number[][];
  R3: number[][][];
  R4: number[][][][];
  R5: number[][][][][];
  R6: number[][][][][][];
}

/** What `arraySync` and `array` hold for tensors of a known rank. */
interface Arrays<R extends Rank> {
  arraySync<T extends Nested = ArrayOf[R]>(): T;
  array<T extends Nested = ArrayOf[R]>(): Promise<T>;
}

/** `Rank` alone says nothing. */
type Ranked<R extends Rank> = Rank extends R ? unknown : Arrays<R>;

export const Tensor = BaseTensor;
export type Tensor<R extends Rank = Rank> = Ranked<R> & BaseTensor;
export const Variable = BaseVariable;
export type Variable<R extends Rank = Rank> = Ranked<R> & BaseVariable;
export const TensorBuffer = BaseBuffer;
/** `TensorBuffer<'int32'>`, or as in TensorFlow.js `TensorBuffer<Rank.R2, 'int32'>`. */
export type TensorBuffer<A extends Rank | DType = DType, D extends DType = DType> = BaseBuffer<A extends DType ? A : D>;

export type Scalar = Tensor<Rank.R0>;
export type Tensor1D = Tensor<Rank.R1>;
export type Tensor2D = Tensor<Rank.R2>;
export type Tensor3D = Tensor<Rank.R3>;
export type Tensor4D = Tensor<Rank.R4>;
export type Tensor5D = Tensor<Rank.R5>;
export type Tensor6D = Tensor<Rank.R6>;

/** Shapes of each rank. */
export interface ShapeMap {
  R0: number[];
  R1: [number];
  R2: [number, number];
  R3: [number, number, number];
  R4: [number, number, number, number];
  R5: [number, number, number, number, number];
  R6: [number, number, number, number, number, number];
}

export type DataType = DType;
export type NumericDataType = DType;
export type DataTypeMap = TypedArrayOf;
export type DataValues = TypedArrayOf[DType];
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
export interface TensorContainerObject {
  [name: string]: TensorContainer;
}
export interface TensorContainerArray extends Array<TensorContainer> {}

/** What is known of a tensor besides its value. */
export interface TensorInfo {
  readonly dataId: DataId;
  readonly shape: number[];
  readonly dtype: DType;
}

/** Settings of `fitDataset`; the type of the elements follows from the data set. */
export type ModelFitDatasetArgs<_Element = unknown> = FitDatasetArgs;
