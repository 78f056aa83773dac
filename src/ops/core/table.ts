/** The table of all ops. */

import { cumulative } from '../descriptors/cumulative';
import { custom } from '../descriptors/custom';
import { depthwise } from '../descriptors/depthwise';
import { elementwise } from '../descriptors/elementwise';
import { indexing } from '../descriptors/indexing';
import { matMul } from '../descriptors/matmul';
import { movement } from '../descriptors/movement';
import { randomness } from '../descriptors/randomness';
import { reductions } from '../descriptors/reduction';
import { images } from '../descriptors/resample';
import { sorting } from '../descriptors/sorting';
import { windows } from '../descriptors/window';
import type { Descriptor } from './descriptor';

export const descriptors = {
  ...elementwise,
  matMul,
  ...windows,
  ...depthwise,
  ...reductions,
  ...movement,
  ...images,
  ...randomness,
  ...cumulative,
  ...sorting,
  ...indexing,
  ...custom,
} as const;

export type OpName = keyof typeof descriptors;

/** Attributes of an op. */
export type AttrsOf<K extends OpName> = (typeof descriptors)[K] extends Descriptor<infer A> ? A : never;

/** The descriptor of an op by its name, where the attributes' type is known only to the caller. */
export const descriptorOf = (name: string): Descriptor<unknown> =>
  descriptors[name as OpName] as unknown as Descriptor<unknown>;
