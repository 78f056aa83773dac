/** All rows of public functions. */
import type { FunctionTable } from './case';
import { linearFunctions } from './linear';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = { ...shapingFunctions, ...linearFunctions };
