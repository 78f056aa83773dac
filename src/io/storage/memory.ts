/** Models in memory, and functions that receive them. */
import { checkFunction, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type {
  IOHandler,
  IOHandlerSync,
  ModelArtifacts,
  SaveResult,
  TrainingConfig,
  WeightData,
  WeightSpec,
} from '../artifacts';

/** The parts of a model besides its topology, as older programs pass them. */
export type MorePartsOfModel = readonly [
  specs?: readonly WeightSpec[],
  data?: WeightData,
  trainingConfig?: TrainingConfig,
];

function artifactsOf(
  where: string,
  given: ModelArtifacts | object,
  [weightSpecs, weightData, trainingConfig]: MorePartsOfModel,
): ModelArtifacts {
  if (!isPlainObject(given)) throw new ArgumentError(`${where}: needs the artifacts of a model, got ${show(given)}`);
  if ('modelTopology' in given || 'weightSpecs' in given) return given;
  // As older programs pass them: the topology alone, or the parts one by one.
  return {
    modelTopology: given,
    ...(weightSpecs && { weightSpecs }),
    ...(weightData && { weightData }),
    ...(trainingConfig && { trainingConfig }),
  };
}

/**
 * A handler that loads a model from memory.
 * @param artifacts its parts, as a handler's `save` receives them; or a topology, then specs and data of the weights,
 * and the training configuration.
 * @throws ArgumentError if it is not an object
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * let kept;
 * await model.save(sg.io.withSaveHandler(async (artifacts) => {
 *   kept = artifacts;
 *   return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
 * }));
 * const copy = await sg.loadLayersModel(sg.io.fromMemory(kept));
 */
export function fromMemory(artifacts: ModelArtifacts | object, ...rest: MorePartsOfModel): IOHandler {
  const loaded = artifactsOf('fromMemory', artifacts, rest);
  return { load: () => Promise.resolve(loaded) };
}

/**
 * As `fromMemory`, with a `load` that answers at once.
 * @throws ArgumentError if it is not an object
 * @example
 * sg.io.fromMemorySync({ modelTopology: {} }).load(); // { modelTopology: {} }
 */
export function fromMemorySync(artifacts: ModelArtifacts | object, ...rest: MorePartsOfModel): IOHandlerSync {
  const loaded = artifactsOf('fromMemorySync', artifacts, rest);
  return { load: () => loaded };
}

/**
 * A handler that passes the parts of a model to a function.
 * @throws ArgumentError if it is not a function
 * @example
 * const handler = sg.io.withSaveHandler(async (artifacts) => ({
 *   modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts),
 * }));
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * (await model.save(handler)).modelArtifactsInfo.weightDataBytes; // 12
 */
export function withSaveHandler(save: (artifacts: ModelArtifacts) => Promise<SaveResult>): IOHandler {
  checkFunction(save, 'withSaveHandler', 'save');
  return { save: (artifacts) => Promise.resolve(save(artifacts)) };
}

/**
 * As `withSaveHandler`, for a function that answers at once.
 * @throws ArgumentError if it is not a function
 * @example
 * const handler = sg.io.withSaveHandlerSync((artifacts) => ({
 *   modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts),
 * }));
 */
export function withSaveHandlerSync(save: (artifacts: ModelArtifacts) => SaveResult): IOHandlerSync {
  checkFunction(save, 'withSaveHandlerSync', 'save');
  return { save };
}
