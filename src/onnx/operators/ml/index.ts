/** Operators of the domain ai.onnx.ml: classical models and their features. */
import type { Definitions } from '../define';
import { features } from './features';
import { trees } from './trees';

export const ml: Definitions = { ...features, ...trees };
