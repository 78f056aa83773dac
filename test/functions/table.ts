/** All rows of public functions. */
import { arrangingFunctions } from './arranging';
import type { FunctionTable } from './case';
import { shapingFunctions } from './shaping';

export const functionTable: FunctionTable = { ...shapingFunctions, ...arrangingFunctions };
