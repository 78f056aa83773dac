/** `model.json`: the parts of a model in one text, with the names of its weight files. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { ModelArtifacts, ModelJSON, WeightData, WeightsGroup } from '../artifacts';
import { parseJSON } from '../model/json';
import { checkManifest, sizeOfSpec } from '../weights/specs';

/** Parts of a model that stand in `model.json` as they are. */
const PARTS = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
  'trainingConfig',
] as const;

const partsOf = (from: object): Partial<Record<(typeof PARTS)[number], never>> =>
  Object.fromEntries(
    PARTS.map((key) => [key, (from as Record<string, unknown>)[key]]).filter(([, v]) => v !== undefined && v !== null),
  );

/** @throws FormatError for a topology that is no JSON */
export function toModelJSON(artifacts: ModelArtifacts, weightsManifest: readonly WeightsGroup[]): ModelJSON {
  if (artifacts.modelTopology instanceof ArrayBuffer)
    throw new FormatError('the topology of the model is binary; model.json holds JSON');
  return { ...partsOf(artifacts), convertedBy: artifacts.convertedBy ?? null, weightsManifest } as unknown as ModelJSON;
}

/** @throws FormatError for text that is no `model.json` */
export function readModelJSON(text: string, name: string): ModelJSON {
  const json = parseJSON(text, name);
  if (!isPlainObject(json) || (!isPlainObject(json.modelTopology) && json.weightsManifest === undefined))
    throw new FormatError(`${name} has neither modelTopology nor weightsManifest; it is no model.json`);
  if (json.weightsManifest !== undefined && json.weightsManifest !== null) checkManifest(json.weightsManifest);
  return json as unknown as ModelJSON;
}

/** Paths of all weight files, in their order. */
export const pathsOf = (json: ModelJSON): readonly string[] =>
  (json.weightsManifest ?? []).flatMap(({ paths }) => paths);

/** @throws FormatError unless files of a group are as long as what is in them */
function checkGroup({ paths, weights }: WeightsGroup, lengths: readonly number[]): void {
  const sizes = weights.map(sizeOfSpec);
  if (sizes.includes(undefined)) return;
  const [needed, there] = [sizes as number[], lengths].map((list) => list.reduce((a, b) => a + b, 0)) as [
    number,
    number,
  ];
  if (needed > there)
    throw new FormatError(`${show(paths)} have ${there} bytes, ${needed} are needed: a file was cut off`);
}

/** The parts of a model and its weights. @throws FormatError if weights are not all there */
export function toArtifacts(json: ModelJSON, files: readonly ArrayBuffer[] | undefined): ModelArtifacts {
  if (!json.weightsManifest || !files) return partsOf(json);
  let at = 0;
  for (const group of json.weightsManifest) {
    checkGroup(
      group,
      files.slice(at, at + group.paths.length).map((f) => f.byteLength),
    );
    at += group.paths.length;
  }
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  return { ...partsOf(json), weightSpecs, weightData: joined(json.weightsManifest, files) };
}

/** Each group begins with a file of its own: what is behind the weights of the one before does not count. */
function joined(manifest: readonly WeightsGroup[], files: readonly ArrayBuffer[]): WeightData {
  let at = 0;
  return manifest.flatMap(({ paths, weights }) => {
    const own = files.slice(at, at + paths.length);
    at += paths.length;
    const sizes = weights.map(sizeOfSpec);
    const needed = sizes.includes(undefined) ? Infinity : (sizes as number[]).reduce((a, b) => a + b, 0);
    let left = needed;
    return own.map((file) => {
      const part = left >= file.byteLength ? file : file.slice(0, left);
      left -= part.byteLength;
      return part;
    });
  });
}
