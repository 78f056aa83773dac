/** Versions, as programs for TensorFlow.js print them. */
import { version as own } from '../support/version';

/** `samegrad`: of this library. `tfjs`: of the TensorFlow.js whose names and arguments it follows. */
export const version = { samegrad: own, tfjs: '4.22.0' } as const;
