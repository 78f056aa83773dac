/** The namespace `sg.util`: helpers that programs for TensorFlow.js use. */
export * from './arrays';
export * from './checks';
export * from './network';
export * from './numbers';
export * from './shapes';
