/** `sg.train`: the optimizers, a function and a class each, and what looks into trainings. */
export { Diagnosis, type DiagnosisArgs, diagnose, type LayerDiagnosis, type Verdict } from './diagnosis/diagnosis';
export { findLearningRate, type RateFinderArgs, type RateFinderResult } from './diagnosis/rate-finder';
export * from './optimizers/builtin';
export type { OptimizerArgs } from './optimizers/options';
