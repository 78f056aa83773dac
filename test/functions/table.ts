/** All rows of public functions. */
import { arrangingFunctions } from './arranging';
import type { FunctionTable } from './case';
import { creationFunctions } from './creation';
import { indexingFunctions } from './indexing';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = {
  ...shapingFunctions,
  ...arrangingFunctions,
  ...indexingFunctions,
  ...creationFunctions,
};
