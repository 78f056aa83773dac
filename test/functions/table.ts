/** All rows of public functions. */
import { activationFunctions } from './activations';
import { arrangingFunctions } from './arranging';
import { binaryFunctions } from './binary';
import { blockFunctions } from './blocks';
import type { FunctionCase, FunctionTable } from './case';
import { creationFunctions } from './creation';
import { elementwiseFunctions } from './elementwise';
import { indexingFunctions } from './indexing';
import { reductionFunctions } from './reduction';
import { scanFunctions } from './scan';
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
  elementwiseFunctions,
  binaryFunctions,
  activationFunctions,
  reductionFunctions,
  scanFunctions,
  slicingFunctions,
  arrangingFunctions,
  blockFunctions,
  indexingFunctions,
  creationFunctions,
);
