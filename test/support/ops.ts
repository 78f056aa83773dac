/** Ops by their names: the library itself hands descriptors on, so that bundlers drop those that nobody uses. */
import { Bin, Un } from '../../assembly/isa';
import type { Descriptor } from '../../src/ops/core/descriptor';
import * as dispatch from '../../src/ops/core/dispatch';
import type { AttrsOf, OpName, Ops } from '../../src/ops/core/table';
import * as cumulative from '../../src/ops/descriptors/cumulative';
import * as custom from '../../src/ops/descriptors/custom';
import * as depthwise from '../../src/ops/descriptors/depthwise';
import * as elementwise from '../../src/ops/descriptors/elementwise';
import * as indexing from '../../src/ops/descriptors/indexing';
import * as int8 from '../../src/ops/descriptors/int8';
import * as matmul from '../../src/ops/descriptors/matmul';
import * as movement from '../../src/ops/descriptors/movement';
import * as randomness from '../../src/ops/descriptors/randomness';
import * as reductions from '../../src/ops/descriptors/reduction';
import * as images from '../../src/ops/descriptors/resample';
import * as sorting from '../../src/ops/descriptors/sorting';
import * as windows from '../../src/ops/descriptors/window';
import type { Tensor } from '../../src/tensor/tensor';

const modules = [
  cumulative,
  custom,
  depthwise,
  elementwise,
  indexing,
  int8,
  matmul,
  movement,
  randomness,
  reductions,
  images,
  sorting,
  windows,
];

const isDescriptor = (value: unknown): value is Descriptor<unknown> =>
  typeof value === 'object' && value !== null && 'infer' in value && 'lower' in value;

/** Ops that a module describes one by one, by the names of the exports. */
export const described: Readonly<Record<string, Descriptor<unknown>>> = Object.fromEntries(
  modules.flatMap((module) =>
    Object.entries<unknown>(module).flatMap(([name, value]) => (isDescriptor(value) ? [[name, value]] : [])),
  ),
);

/** Codes that are parts of ops, or are described one by one under another name. */
const PARTS = new Set(['identity', 'toInt', 'toFloat', 'toBool', 'clip']);

/** Names of codes that are ops of their names. */
const plainNames = (codes: object): string[] =>
  Object.entries(codes).flatMap(([name, code]) =>
    typeof code === 'number' && !name.endsWith('Int') && !PARTS.has(name) && !(name in described) ? [name] : [],
  );
export const plainUnary = plainNames(Un) as elementwise.PlainUnary[];
export const plainBinary = plainNames(Bin) as elementwise.PlainBinary[];

/** All ops. */
export const descriptors = {
  ...described,
  ...Object.fromEntries(plainUnary.map((name) => [name, elementwise.unary(name, Un[name])])),
  ...Object.fromEntries(
    plainBinary.map((name) => [name, elementwise.binary(name, Bin[name], Bin[`${name}Int` as keyof typeof Bin])]),
  ),
} as unknown as Ops;

export const descriptorOf = (name: OpName): Descriptor<unknown> => descriptors[name] as unknown as Descriptor<unknown>;

/** Applies the op of a name. */
export const apply = <K extends OpName>(name: K, inputs: readonly Tensor[], attrs: AttrsOf<K>): Tensor =>
  dispatch.apply(descriptorOf(name), inputs, attrs);
