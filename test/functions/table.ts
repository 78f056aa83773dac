/** All rows of public functions. */
import { activationFunctions } from './activations';
import { binaryFunctions } from './binary';
import type { FunctionTable } from './case';
import { convolutionFunctions } from './convolution';
import { elementwiseFunctions } from './elementwise';
import { imageFunctions } from './image';
import { linearFunctions } from './linear';
import { poolingFunctions } from './pooling';
import { reductionFunctions } from './reduction';
import { scanFunctions } from './scan';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = {
  ...shapingFunctions,
  ...linearFunctions,
  ...convolutionFunctions,
  ...poolingFunctions,
  ...imageFunctions,
  ...elementwiseFunctions,
  ...binaryFunctions,
  ...activationFunctions,
  ...reductionFunctions,
  ...scanFunctions,
};
