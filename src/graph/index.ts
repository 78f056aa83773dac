/**
 * The entry `samegrad/graph`: graph models without the rest of the library. `sg.loadGraphModel` of the main entry loads
 * it when it is used.
 */
import '../ops/reading';
import '../runtime/kernels';

export type { GraphFunction, GraphLayer, GraphLayerArgs } from './core/layer';
export {
  type GraphInput,
  type GraphInputs,
  GraphModel,
  type GraphSaveOptions,
  type GraphTensorInfo,
  type StringTensor,
} from './core/model';
export { type GraphLoadOptions, type GraphModelInMemory, loadGraphModel, loadGraphModelSync } from './load';
