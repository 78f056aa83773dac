/** `sg.losses`. */
export * from './elementwise';
export * from './factories';
export { computeWeightedLoss } from './weighted';
