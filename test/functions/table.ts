/** All rows of public functions. */
import { activationFunctions } from './activations';
import { binaryFunctions } from './binary';
import type { FunctionTable } from './case';
import { elementwiseFunctions } from './elementwise';
import { reductionFunctions } from './reduction';
import { scanFunctions } from './scan';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = {
  ...shapingFunctions,
  ...elementwiseFunctions,
  ...binaryFunctions,
  ...activationFunctions,
  ...reductionFunctions,
  ...scanFunctions,
};
