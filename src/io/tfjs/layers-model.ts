/** TensorFlow.js' Layers format: topology, weights and training as the parts of a `model.json`. */

import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { version } from '../../support/version';
import type { ModelArtifacts } from '../artifacts';
import type { AnyModel, SaveRequest, StoredModel, StoredWeight } from '../formats/format';
import { topologyOf } from '../model/json';
import { randomOf } from '../model/random';
import { byNames, elementsIn } from '../model/weights';
import type { OpenArtifacts } from '../storage/model-json';
import { storedWeights, weightsIn } from '../weights/decode';
import { encodeValues, type NamedValues } from '../weights/encode';
import type { Quantized } from '../weights/quantize';
import { tfjsNames, withoutCell } from './names';
import { readTopology } from './topology';
import { ownPart, readSlots, readTraining, writeSlots, writeTraining } from './training';

type FileWeights = ReturnType<typeof storedWeights>;

/** Weights that Keras 3 numbers: `dense/0`, `dense/1`. */
const isNumbered = (weights: FileWeights): boolean =>
  weights.length > 0 && weights.every(({ name }) => /\/\d+$/.test(name));

/** Names that each weight of a model may have in a file. */
function candidates(model: AnyModel, weights: FileWeights): string[][] {
  const names = tfjsNames(model);
  if (isNumbered(weights)) {
    const numbered = new Map(model.layers.flatMap((l) => l.weights.map((w, i) => [w, `${l.name}/${i}`] as const)));
    return model.weights.map((w) => [numbered.get(w) as string]);
  }
  return model.weights.map((w) => [names.get(w) as string, w.name]);
}

/** The weights of a model among those of a file. @throws ArgumentError if `strict` and they are others */
function find(model: AnyModel, weights: FileWeights, strict: boolean): (StoredWeight | undefined)[] {
  const names = candidates(model, weights);
  const known = new Set(names.flat());
  const named = weights.map((w) => {
    const short = withoutCell(w.name);
    return known.has(w.name) || !known.has(short) ? w : { ...w, name: short };
  });
  return byNames(names, named, strict);
}

/**
 * A model of the parts that a handler loaded.
 * @throws FormatError for damaged parts; ArgumentError for a graph model
 */
export function readLayersModel(artifacts: OpenArtifacts): StoredModel {
  if (!isPlainObject(artifacts as unknown))
    throw new FormatError(`a handler must load an object of artifacts, got ${show(artifacts)}`);
  const { modelTopology, format, trainingConfig, weightData, weightSpecs, weightFiles, userDefinedMetadata } =
    artifacts;
  if (format === 'graph-model')
    throw new ArgumentError('this is a graph model of TensorFlow.js, not one of layers; use loadGraphModel');
  if (weightData && !weightSpecs) throw new FormatError('there is data of weights, but weightSpecs are missing');
  if (trainingConfig !== undefined && trainingConfig !== null && !isPlainObject(trainingConfig))
    throw new FormatError(`trainingConfig must be an object, got ${show(trainingConfig)}`);
  const all =
    weightFiles?.flatMap(({ source, weights }) => weightsIn(source, weights)) ??
    (weightSpecs && weightData ? storedWeights(weightData, weightSpecs) : undefined);
  const source = weightFiles?.[0]?.source;
  const [own, others] = [
    all?.filter((w) => w.spec.group !== 'optimizer'),
    all?.filter((w) => w.spec.group === 'optimizer'),
  ];
  const part = ownPart(trainingConfig ?? undefined);
  return {
    ...(modelTopology && { topology: readTopology(modelTopology) }),
    ...(own && {
      elements: () => elementsIn(own),
      weightsFor: (model: AnyModel, strict: boolean) => find(model, own, strict),
    }),
    ...(trainingConfig && { compile: readTraining(trainingConfig) }),
    ...(source && { source }),
    ...(others?.length && {
      trainingArrays: others,
      trainingFor: (model, present) => readSlots(model, present, others, part),
    }),
    ...(part && { random: part.random }),
    ...(userDefinedMetadata && { metadata: userDefinedMetadata }),
  };
}

function valuesOf({ model, trainableOnly }: SaveRequest): NamedValues[] {
  const names = tfjsNames(model);
  const weights = trainableOnly ? model.trainableWeights : model.weights;
  return weights.map((w) => ({ name: names.get(w) as string, shape: w.shape, dtype: w.dtype, values: w.dataSync() }));
}

/** The parts of a model. @throws ArgumentError for what the format cannot hold */
export function writeLayersModel(request: SaveRequest): ModelArtifacts {
  const { model, training, weights, metadata } = request;
  if (!['float32', 'float16', 'uint8', 'uint16'].includes(weights))
    throw new ArgumentError(
      `save: TensorFlow.js' format stores weights as float32, float16, uint16 or uint8, not as ${show(weights)}`,
    );
  const values = valuesOf(request);
  if (training) values.push(...writeSlots(model, training));
  const { data, specs } = encodeValues(values, weights === 'float32' ? undefined : (weights as Quantized));
  return {
    modelTopology: topologyOf(model),
    format: 'layers-model',
    generatedBy: `samegrad v${version}`,
    convertedBy: null,
    ...(training && { trainingConfig: writeTraining(training, randomOf(model)) }),
    ...(metadata && { userDefinedMetadata: metadata }),
    weightSpecs: specs,
    weightData: data,
  };
}
