/** Features of the domain ai.onnx.ml: picked, scaled, encoded. */
import type { Call } from '../../../graph/core/call';
import type { Operator } from '../../../graph/core/registry';
import { HostArray, Texts, type Value } from '../../../graph/core/value';
import { cast } from '../../../ops/core/cast';
import { fill, tensor } from '../../../ops/create/creation';
import { gather } from '../../../ops/indexing/indexing';
import { matMul } from '../../../ops/linear/products';
import * as sg from '../../../ops/math/arithmetic';
import { max, sum } from '../../../ops/math/reduce';
import { concat, reshape } from '../../../ops/shape/shaping';
import type { Tensor } from '../../../tensor/tensor';
import { dtypeOf } from '../../read/elements';
import { type Definitions, define, fixed, type TypeRule } from '../define';
import { float, integers, outputType } from '../operands';
import { classifierTypes, labelsOf, picked, transformed } from './scores';

const vector = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), [values.length], 'float32');

function extracted(call: Call): Tensor {
  const x = call.tensor(0);
  const at = reshape(cast(call.tensor(1), 'int32'), [-1]);
  const y = gather(x, at, x.rank - 1);
  return x.rank === 1 ? reshape(y, [1, y.size]) : y;
}

function binarized(call: Call): Tensor {
  const x = call.tensor(0);
  return cast(sg.greater(x, call.real('threshold', 0)), x.dtype);
}

const scaled: Operator = (call) =>
  sg.mul(sg.sub(float(call, 0), vector(call.reals('offset', [0]))), vector(call.reals('scale', [1])));

function normalized(call: Call): Tensor {
  const x = float(call, 0);
  const norm = call.text('norm', 'MAX');
  const sizes: Readonly<Record<string, () => Tensor>> = {
    MAX: () => max(sg.abs(x), -1, true),
    L1: () => sum(sg.abs(x), -1, true),
    L2: () => sg.sqrt(sum(sg.square(x), -1, true)),
  };
  const size = Object.hasOwn(sizes, norm) ? sizes[norm]?.() : undefined;
  if (!size) throw call.fail(`attribute norm must be MAX, L1 or L2, got '${norm}'`);
  return sg.div(x, sg.where(sg.equal(size, 0), fill([], 1, 'float32'), size));
}

function imputed(call: Call): Tensor {
  const x = call.tensor(0);
  const isInteger = x.dtype === 'int32';
  const values = isInteger ? call.numbers('imputed_value_int64s', []) : call.reals('imputed_value_floats', []);
  const gone = isInteger ? call.wholeOf('replaced_value_int64', 0) : call.real('replaced_value_float', 0);
  const isGone = Number.isNaN(gone) ? sg.isNaN(x) : sg.equal(x, fill([], gone, x.dtype));
  return sg.where(isGone, tensor(Float64Array.from(values), [values.length], x.dtype), x);
}

/** One at the place of a category; [..., categories]. */
function oneHotEncoded(call: Call): Value {
  const categories = labelsOf(call, 'cats_int64s', 'cats_strings');
  const value = call.value(0);
  const { data, shape } = value instanceof Texts ? value : call.data(0);
  const out = new Float64Array(data.length * categories.length);
  for (let i = 0; i < data.length; i++) {
    const at = (categories as readonly (number | string)[]).indexOf(data[i] as number | string);
    if (at >= 0) out[i * categories.length + at] = 1;
    else if (!call.flag('zeros', true)) throw call.fail(`'${data[i]}' is none of the categories`);
  }
  return tensor(out, [...shape, categories.length], 'float32');
}

type Item = number | string | bigint;

const FORMS = ['strings', 'int64s', 'floats'] as const;

/** A list of an attribute that comes in several types. */
function itemsOf(call: Call, name: string): readonly Item[] {
  const value = call.valueOf(`${name}_tensor`);
  if (value instanceof Texts) return value.data;
  if (value instanceof HostArray) return value.exact ?? Array.from(value.data);
  for (const form of FORMS) {
    const attribute = `${name}_${form}`;
    if (!call.hasAttribute(attribute)) continue;
    const list = form === 'strings' ? call.textsOf(attribute) : call.reals(attribute);
    if (list.length > 0) return list;
  }
  return [];
}

function initialOf(call: Call, isText: boolean): Item {
  const value = call.valueOf('default_tensor');
  if (value instanceof Texts) return value.data[0] ?? '';
  if (value instanceof HostArray) return value.exact?.[0] ?? value.data[0] ?? 0;
  if (isText) return call.text('default_string', '_Unused');
  return call.hasAttribute('values_floats') ? call.real('default_float', -0) : call.wholeOf('default_int64', -1);
}

/** Values by keys. NaN is a key like others. */
function encoded(call: Call): Value {
  const value = call.value(0);
  const { data, shape } = value instanceof Texts ? value : call.data(0);
  const exact = value instanceof HostArray ? value.exact : undefined;
  const classes = call.textsOf('classes_strings', []);
  const isFirst = classes.length > 0;
  const fromText = value instanceof Texts;
  const positions = classes.map((_, i) => i);
  const [keys, values]: [readonly Item[], readonly Item[]] = isFirst
    ? fromText
      ? [classes, positions]
      : [positions, classes]
    : [itemsOf(call, 'keys'), itemsOf(call, 'values')];
  const isText = typeof values[0] === 'string';
  const map = new Map<Item, Item>();
  keys.forEach((key, i) => map.set(typeof key === 'bigint' ? Number(key) : key, values[i] as Item));
  const initial = initialOf(call, isText);
  const found = Array.from<Item>(exact ?? (data as ArrayLike<Item>)).map(
    (item) => map.get(typeof item === 'bigint' ? Number(item) : item) ?? initial,
  );
  if (isText) return new Texts(found as string[], shape);
  const type = outputType(call);
  const dtype = type && type !== 'string' ? dtypeOf(type) : 'float32';
  if (found.some((v) => typeof v === 'bigint'))
    return integers(
      found.map((v) => BigInt(v)),
      shape,
      dtype,
    );
  return new HostArray(found as number[], shape, dtype);
}

const encodedTypes: TypeRule = ({ attributes, inputs }) => {
  const tensorType = attributes.get('values_tensor:type');
  if (tensorType?.kind === 'type') return [tensorType.value as 'float32'];
  if (attributes.has('values_floats')) return ['float32'];
  if (attributes.has('values_strings')) return ['string'];
  if (attributes.has('values_int64s')) return ['int64'];
  return [inputs[0] === 'string' ? 'int64' : 'string'];
};

/** x times coefficients [targets, features], plus intercepts. */
function linearScores(call: Call, targets?: number): Tensor {
  const given = float(call, 0);
  const x = given.rank === 1 ? reshape(given, [1, given.size]) : given;
  const coefficients = call.reals('coefficients');
  const features = x.shape[1] as number;
  const rows = targets ?? coefficients.length / features;
  if (x.rank !== 2 || rows * features !== coefficients.length)
    throw call.fail(`${coefficients.length} coefficients do not fit [${String(given.shape)}]`);
  const weights = tensor(Float64Array.from(coefficients), [rows, features], 'float32');
  const y = matMul(x, weights, false, true);
  const intercepts = call.reals('intercepts', []);
  return intercepts.length > 0 ? sg.add(y, vector(intercepts)) : y;
}

function classified(call: Call): readonly Value[] {
  const labels = labelsOf(call, 'classlabels_ints', 'classlabels_strings');
  const scores = linearScores(call);
  const both = scores.shape[1] === 1 && labels.length === 2 ? concat([sg.neg(scores), scores], 1) : scores;
  return [picked(call, both, labels), transformed(call, both)];
}

const FLOAT = { types: fixed('float32') };

export const features: Definitions = {
  ArrayFeatureExtractor: define(extracted),
  Binarizer: define(binarized),
  Scaler: define(scaled, FLOAT),
  Normalizer: define(normalized, FLOAT),
  Imputer: define(imputed),
  OneHotEncoder: define(oneHotEncoded, FLOAT),
  LabelEncoder: define(encoded, { types: encodedTypes }),
  LinearRegressor: define((call) => transformed(call, linearScores(call, call.wholeOf('targets', 1))), FLOAT),
  LinearClassifier: define(classified, { types: classifierTypes('classlabels_strings') }),
};
