/**
 * Configurations in Python's spelling and in ours: keys, and those values that are one of several choices. Names that
 * users gave, and any other text, stay as they are.
 */
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';

/** Deeper than any model; a file that goes deeper is an attack on the stack. */
export const DEEPEST = 200;

/** Choices that have more than one word, as the library writes them. */
const CHOICES: readonly string[] = [
  'channelsFirst',
  'channelsLast',
  'fanAvg',
  'fanIn',
  'fanOut',
  'truncatedNormal',
  'untruncatedNormal',
  'multiHot',
  'oneHot',
  'tfIdf',
  'zeroOutput',
  'sumOverBatchSize',
  'meanWithSampleWeight',
  'horizontalAndVertical',
  'hardSigmoid',
  'hardSilu',
  'hardSwish',
  'hardTanh',
  'hardShrink',
  'softShrink',
  'tanhShrink',
  'sparsePlus',
  'sparseSigmoid',
  'logSigmoid',
  'logSoftmax',
  'leakyRelu',
  'glorotNormal',
  'glorotUniform',
  'heNormal',
  'heUniform',
  'leCunNormal',
  'leCunUniform',
  'randomNormal',
  'randomUniform',
  'varianceScaling',
  'maxNorm',
  'minMaxNorm',
  'nonNeg',
  'unitNorm',
  'binaryCrossentropy',
  'binaryFocalCrossentropy',
  'categoricalCrossentropy',
  'categoricalFocalCrossentropy',
  'categoricalHinge',
  'cosineProximity',
  'cosineSimilarity',
  'klDivergence',
  'kullbackLeiblerDivergence',
  'logCosh',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredError',
  'meanSquaredLogarithmicError',
  'rootMeanSquaredError',
  'sparseCategoricalCrossentropy',
  'squaredHinge',
  'binaryAccuracy',
  'categoricalAccuracy',
  'sparseCategoricalAccuracy',
  'topKCategoricalAccuracy',
  'sparseTopKCategoricalAccuracy',
];

/** Keys of what is named by users, or names classes. */
const NAMES: ReadonlySet<string> = new Set(['name', 'className', 'registeredName', 'module']);
/** Keys of lists that name layers. */
const PLACES: ReadonlySet<string> = new Set(['inboundNodes', 'inputLayers', 'outputLayers', 'kerasHistory']);

/** `batch_input_shape` as `batchInputShape`. */
export const toCamelCase = (text: string): string =>
  text.replace(/(?!^)_+([a-z0-9])/gi, (_, c: string) => c.toUpperCase());

/** `batchInputShape` as `batch_input_shape`. */
export const toSnakeCase = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();

const bySnake: ReadonlyMap<string, string> = new Map(
  // As Python writes it, and as TensorFlow.js does, which has no letter of its own for the c of LeCun.
  CHOICES.flatMap((choice) => [
    [toSnakeCase(choice), choice],
    [toSnakeCase(choice.replace('leCun', 'lecun')), choice],
  ]),
);
const byCamel: ReadonlyMap<string, string> = new Map(
  CHOICES.map((choice) => [choice, toSnakeCase(choice.replace('leCun', 'lecun'))]),
);

type Spell = (text: string) => string;

/** A choice in our spelling; any other text as it is. */
export const toOwnChoice: Spell = (text) => bySnake.get(text) ?? text;

/** A choice in Python's spelling; any other text as it is. */
export const toPythonChoice: Spell = (text) => byCamel.get(text) ?? text;

function convert(value: unknown, key: string, keys: Spell, values: Spell, own: Spell, depth: number): unknown {
  if (depth > DEEPEST) throw new FormatError(`the configuration is nested more than ${DEEPEST} times`);
  if (typeof value === 'string') return NAMES.has(key) || PLACES.has(key) ? value : values(value);
  if (Array.isArray(value)) return value.map((v) => convert(v, key, keys, values, own, depth + 1));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([k, v]) => {
    if (k === '__proto__') throw new FormatError("the configuration has the key '__proto__'");
    return [keys(k), convert(v, own(k), keys, values, own, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * A configuration in our spelling.
 * @throws FormatError if it is nested too deeply, or has a key that objects keep for themselves
 */
export const fromPython = (config: unknown): unknown => convert(config, '', toCamelCase, toOwnChoice, toCamelCase, 0);

/** A configuration in Python's spelling. */
export const toPython = (config: unknown): unknown => convert(config, '', toSnakeCase, toPythonChoice, (key) => key, 0);
