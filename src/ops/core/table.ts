/** All ops by their names, as types: what an op has for attributes, and which ops there are. */
import type * as cumulative from '../descriptors/cumulative';
import type * as custom from '../descriptors/custom';
import type * as depthwise from '../descriptors/depthwise';
import type * as elementwise from '../descriptors/elementwise';
import type * as indexing from '../descriptors/indexing';
import type * as int8 from '../descriptors/int8';
import type * as matmul from '../descriptors/matmul';
import type * as movement from '../descriptors/movement';
import type * as randomness from '../descriptors/randomness';
import type * as reductions from '../descriptors/reduction';
import type * as images from '../descriptors/resample';
import type * as sorting from '../descriptors/sorting';
import type * as windows from '../descriptors/window';
import type { Descriptor, None } from './descriptor';

/** The descriptors among what a module exports. */
type Described<M> = {
  [K in keyof M as M[K] extends Pick<Descriptor<never>, 'name' | 'infer'> ? K : never]: M[K];
};

export type ElementwiseOps = Described<typeof elementwise> & {
  [K in elementwise.PlainUnary | elementwise.PlainBinary]: Descriptor<None>;
};
export type LinearOps = Described<typeof matmul> & Described<typeof windows> & Described<typeof depthwise>;
export type Int8Ops = Described<typeof int8>;
export type ReductionOps = Described<typeof reductions>;
export type MovementOps = Described<typeof movement>;
export type ImageOps = Described<typeof images>;
export type RandomnessOps = Described<typeof randomness>;
export type CumulativeOps = Described<typeof cumulative>;
export type SortingOps = Described<typeof sorting>;
export type IndexingOps = Described<typeof indexing>;
export type CustomOps = Described<typeof custom>;

export type Ops = ElementwiseOps &
  LinearOps &
  Int8Ops &
  ReductionOps &
  MovementOps &
  ImageOps &
  RandomnessOps &
  CumulativeOps &
  SortingOps &
  IndexingOps &
  CustomOps;

export type OpName = keyof Ops;

/** Attributes of an op. */
export type AttrsOf<K extends OpName> = Ops[K] extends Descriptor<infer A> ? A : never;
