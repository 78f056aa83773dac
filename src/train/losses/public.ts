/** `sg.losses`. */
export type { LossIdentifier, LossName, SerializedLoss } from './';
export type { CrossentropySettings, LabelSmoothingSettings, SparseSettings } from './crossentropy';
export * from './elementwise';
export * from './factories';
export type { LossFactory, LossSettings, NoSettings } from './factory';
export type { BinaryFocalSettings, FocalSettings } from './focal';
export type { Loss, LossFunction } from './loss';
export type { LossReduction } from './reduction';
export type { CosineSettings, HuberSettings } from './regression';
export type { DiceSettings, TverskySettings } from './similarity';
export { computeWeightedLoss } from './weighted';
