/** All rows of public functions. */
import type { FunctionTable } from './case';
import { convolutionFunctions } from './convolution';
import { imageFunctions } from './image';
import { linearFunctions } from './linear';
import { poolingFunctions } from './pooling';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = {
  ...shapingFunctions,
  ...linearFunctions,
  ...convolutionFunctions,
  ...poolingFunctions,
  ...imageFunctions,
};
