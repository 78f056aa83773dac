/** Versions, as programs for TensorFlow.js print them. */

/** `samegrad`: of this library. `tfjs`: of the TensorFlow.js whose names and arguments it follows. */
export const version = { samegrad: '0.1.0', tfjs: '4.22.0' } as const;
