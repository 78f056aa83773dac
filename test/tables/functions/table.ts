/** All rows of public functions. */
import { activationFunctions } from './activations';
import { arrangingFunctions } from './arranging';
import { binaryFunctions } from './binary';
import { blockFunctions } from './blocks';
import type { FunctionCase, FunctionTable } from './case';
import { convolutionFunctions } from './convolution';
import { creationFunctions } from './creation';
import { cumulativeFunctions } from './cumulative';
import { elementwiseFunctions } from './elementwise';
import { imageFunctions } from './image';
import { indexingFunctions } from './indexing';
import { linearFunctions } from './linear';
import { poolingFunctions } from './pooling';
import { reductionFunctions } from './reduction';
import { shapingFunctions } from './shaping';
import { slicingFunctions } from './slicing';

/** A function may have rows in several tables. */
function joined(...tables: readonly FunctionTable[]): FunctionTable {
  const all: Record<string, FunctionCase[]> = {};
  for (const table of tables)
    for (const [name, rows] of Object.entries(table)) all[name] = [...(all[name] ?? []), ...rows];
  return all;
}

export const functionTable: FunctionTable = joined(
  shapingFunctions,
  slicingFunctions,
  arrangingFunctions,
  blockFunctions,
  indexingFunctions,
  creationFunctions,
  elementwiseFunctions,
  binaryFunctions,
  activationFunctions,
  reductionFunctions,
  cumulativeFunctions,
  linearFunctions,
  convolutionFunctions,
  poolingFunctions,
  imageFunctions,
);
