/** The table of all ops. */
import type { Descriptor } from './descriptor';
import { elementwise } from './elementwise';
import { matMul } from './matmul';
import { movement } from './movement';
import { randomness } from './randomness';
import { reductions } from './reduction';
import { windows } from './window';

export const descriptors = { ...elementwise, matMul, ...windows, ...reductions, ...movement, ...randomness } as const;

export type OpName = keyof typeof descriptors;

/** Attributes of an op. */
export type AttrsOf<K extends OpName> = (typeof descriptors)[K] extends Descriptor<infer A> ? A : never;

/** The descriptor of an op by its name, where the attributes' type is known only to the caller. */
export const descriptorOf = (name: string): Descriptor<unknown> =>
  descriptors[name as OpName] as unknown as Descriptor<unknown>;
