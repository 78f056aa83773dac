/** Gradient cases of every op. */
import type { Int8Ops, OpName } from '../../../src/ops/core/table';
import { fieldOf } from '../../support/rows';
import { opRows } from '../ops';
import type { Case } from './case';
import { cumulativeCases } from './cumulative';
import { depthwiseCases } from './depthwise';
import { elementwiseCases } from './elementwise';
import { imageCases } from './image';
import { indexingCases, stridedCases } from './indexing';
import { linearCases } from './linear';
import { structuralCases } from './structural';

/** Ops that have gradients: products of weights of eight bits refuse them. */
export type SmoothOp = Exclude<OpName, keyof Int8Ops>;

/** Typed so that an op without a case does not compile. */
export const cases: { readonly [K in SmoothOp]: readonly Case[] } = {
  ...elementwiseCases,
  ...linearCases,
  ...depthwiseCases,
  ...structuralCases,
  ...imageCases,
  ...cumulativeCases,
  slice: [...structuralCases.slice, ...stridedCases.slice],
  pad: [...structuralCases.pad, ...stridedCases.pad],
  ...indexingCases,
  ...fieldOf(opRows, 'gradients'),
};
