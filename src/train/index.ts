/** `sg.train`: the optimizers, a function and a class each, and what looks into trainings. */
export {
  type ActivationDiagnosis,
  Diagnosis,
  type DiagnosisArgs,
  diagnose,
  type LayerDiagnosis,
  type Verdict,
  type WeightDiagnosis,
} from './diagnosis/diagnosis';
export { type InspectArgs, type Inspection, inspect } from './diagnosis/inspect';
export type { Diagnosable, DiagnosisData } from './diagnosis/probe';
export {
  findLearningRate,
  type RateFinderArgs,
  type RateFinderResult,
  type RateFinderTarget,
} from './diagnosis/rate-finder';
export * from './optimizers/builtin';
export type { OptimizerName } from './optimizers/lookup';
export type { OptimizerArgs, VariablePattern } from './optimizers/options';
