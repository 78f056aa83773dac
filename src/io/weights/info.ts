/** When a model is saved, and how large it is. */
import { checkSettings, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { ModelArtifacts, ModelArtifactsInfo } from '../artifacts';
import { checkPieces, Pieces } from './pieces';

/** Bytes of a text in UTF-8. */
const sizeOfText = (text: string): number => new TextEncoder().encode(text).length;

/**
 * When and how large a model is saved, as handlers report it.
 * @throws ArgumentError for a topology that is no JSON, and for weights that are not bytes
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * sg.io.getModelArtifactsInfoForJSON({ modelTopology: model.toJSON(null, false) }).modelTopologyType; // 'JSON'
 */
export function getModelArtifactsInfoForJSON(artifacts: ModelArtifacts): ModelArtifactsInfo {
  const where = 'getModelArtifactsInfoForJSON';
  const { modelTopology, weightSpecs, weightData } = checkSettings(artifacts, where, 'artifacts');
  if (modelTopology !== undefined && modelTopology !== null && !isPlainObject(modelTopology))
    throw new ArgumentError(`${where}: the topology must be JSON, got ${show(modelTopology)}`);
  const sizeOf = (value: unknown): number => (value ? sizeOfText(JSON.stringify(value)) : 0);
  return {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    modelTopologyBytes: sizeOf(modelTopology),
    weightSpecsBytes: sizeOf(weightSpecs),
    weightDataBytes: new Pieces(checkPieces(weightData ?? [], where, 'weightData')).length,
  };
}
