/** Gradient cases of every op. */
import type { OpName } from '../../../src/ops/core/table';
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

/** Typed so that an op without a case does not compile. */
export const cases: { readonly [K in OpName]: readonly Case[] } = {
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
