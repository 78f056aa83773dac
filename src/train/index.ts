/** `sg.train`: one factory for each optimizer, and what looks into trainings. */
export { Diagnosis, type DiagnosisArgs, diagnose, type LayerDiagnosis, type Verdict } from './diagnosis/diagnosis';
export { findLearningRate, type RateFinderArgs, type RateFinderResult } from './diagnosis/rate-finder';
export {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamW,
  amsgrad,
  ftrl,
  lamb,
  lion,
  momentum,
  muon,
  nadam,
  radam,
  rmsprop,
  sgd,
} from './optimizers';
