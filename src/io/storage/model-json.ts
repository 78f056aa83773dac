/** `model.json`: the parts of a model in one text, with the names of its weight files. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { ModelArtifacts, ModelJSON, WeightSpec, WeightsGroup } from '../artifacts';
import type { Seal, Source } from '../formats/format';
import { sourceOfMemory } from '../formats/in-memory';
import { joined } from '../formats/joined';
import { parseJSON } from '../model/json';
import { checkSource } from '../weights/pour';
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
  const needed = neededBy(weights);
  const there = lengths.reduce((a, b) => a + b, 0);
  if (needed < Infinity && needed > there)
    throw new FormatError(`${show(paths)} have ${there} bytes, ${needed} are needed: a file was cut off`);
}

/** Weights that follow each other in a file, or in several that are one. */
export interface WeightsFile {
  readonly weights: readonly WeightSpec[];
  readonly source: Source;
}

/** The parts of a model, whose weights may still be in their files. */
export interface OpenArtifacts extends ModelArtifacts {
  readonly weightFiles?: readonly WeightsFile[];
}

/**
 * The parts of a model whose weights are in files.
 * @param files of all groups, in their order
 * @param sealOf what the bytes of a group are compared with
 * @throws FormatError if weights are not all there
 */
export function openArtifacts(
  json: ModelJSON,
  files: readonly Source[],
  sealOf: (group: WeightsGroup, lengths: readonly number[]) => Seal | undefined = () => undefined,
): OpenArtifacts {
  let at = 0;
  const weightFiles = json.weightsManifest.map((group) => {
    const own = files.slice(at, at + group.paths.length);
    at += group.paths.length;
    const lengths = own.map(({ size }) => size);
    checkGroup(group, lengths);
    return { weights: group.weights, source: joined(show(group.paths), own, sealOf(group, lengths)) };
  });
  return { ...partsOf(json), weightFiles };
}

/** The same with the weights in memory. @throws FormatError for damage */
export async function readArtifacts({ weightFiles, ...parts }: OpenArtifacts): Promise<ModelArtifacts> {
  if (!weightFiles) return parts;
  const weightData: ArrayBuffer[] = [];
  for (const { weights, source } of weightFiles) {
    await checkSource(source);
    // Each group begins with a file of its own: what is behind the weights of the one before does not count.
    const bytes = await source.read(0, Math.min(neededBy(weights), source.size));
    weightData.push(blockOf(bytes));
  }
  return { ...parts, weightSpecs: weightFiles.flatMap(({ weights }) => weights), weightData };
}

/** Bytes of some weights; any number, if there are strings among them. */
function neededBy(weights: readonly WeightSpec[]): number {
  const sizes = weights.map(sizeOfSpec);
  return sizes.includes(undefined) ? Infinity : (sizes as number[]).reduce((a, b) => a + b, 0);
}

/** Bytes in a block of their own. */
const blockOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.byteLength === bytes.buffer.byteLength
    ? (bytes.buffer as ArrayBuffer)
    : (bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);

/** The parts of a model, and its weights in memory. @throws FormatError if weights are not all there */
export async function toArtifacts(json: ModelJSON, files: readonly ArrayBuffer[] | undefined): Promise<ModelArtifacts> {
  if (!json.weightsManifest || !files) return partsOf(json);
  return readArtifacts(
    openArtifacts(
      json,
      files.map((file) => sourceOfMemory('a weight file', new Uint8Array(file))),
    ),
  );
}
