/** What can be served: one narrow interface, and models behind it. */
import type { GraphModel, StringTensor } from '../../graph/core/model';
import type { AnyModel } from '../../io/formats/format';
import { widenHalves } from '../../io/weights/halves';
import type { OnnxModel } from '../../onnx/model';
import type { OnnxTensor } from '../../onnx/typed';
import { tensor } from '../../ops/create/creation';
import { ArgumentError, DTypeError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import type { Datatype, Elements } from '../protocol/datatypes';

/** An input or output of a model, as clients see it. */
export interface Port {
  /** Its name in requests and answers. */
  readonly name: string;
  /** Element type, such as 'FP32'. */
  readonly datatype: Datatype;
  /** Sizes of the dimensions, the batch first; -1 where any size fits. Null if nothing is known, not even the rank. */
  readonly shape: readonly number[] | null;
}

/** A tensor on its way in or out. */
export interface ServedTensor {
  /** Element type, such as 'FP32'. */
  readonly datatype: Datatype;
  /** Sizes of the dimensions, the batch first. */
  readonly shape: readonly number[];
  /** Row by row: a typed array, or strings for BYTES. FP16 is in a Float32Array. */
  readonly data: Elements;
}

/** Tensors by name. */
export type Feeds = Readonly<Record<string, ServedTensor>>;

/** Anything that computes outputs from inputs: what `serve` needs of a model. */
export interface Servable {
  /** What kind of model it is, as the metadata tell; by default 'custom'. */
  readonly platform?: string;
  /** What `run` takes: requests that do not fit are refused before. */
  readonly inputs: readonly Port[];
  /** What `run` returns. */
  readonly outputs: readonly Port[];
  /**
   * Whether the first dimension of all inputs and outputs is the batch, and each row of the outputs depends on its own row
   * alone: requests may then be joined. False by default.
   */
  readonly isBatched?: boolean;
  /** Outputs by name; of the inputs, names, types and shapes fit those of `inputs`. */
  run(feeds: Feeds): Feeds | Promise<Feeds>;
  /** Called when the server does not need it any more, if the server has loaded it. */
  dispose?(): void;
}

const DATATYPES: Readonly<Record<string, Datatype>> = {
  float32: 'FP32',
  int32: 'INT32',
  bool: 'BOOL',
  string: 'BYTES',
};
const DTYPES: Readonly<Record<string, DType>> = { FP32: 'float32', INT32: 'int32', BOOL: 'bool' };

const freely = (shape: readonly (number | null)[]): number[] => shape.map((d) => d ?? -1);

/** Names that are all different: a layer with two outputs has one name. */
const distinct = (names: readonly string[]): string[] =>
  names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}_${before}`;
  });

const toTensor = ({ data, shape, datatype }: ServedTensor): Tensor =>
  tensor(data as Float32Array, [...shape], DTYPES[datatype] as DType);

const toServed = (t: Tensor): ServedTensor => ({
  datatype: DATATYPES[t.dtype] as Datatype,
  shape: t.shape,
  data: t.dataSync(),
});

/** Runs with tensors that are disposed of whatever happens. */
function withTensors<T>(feeds: Feeds, names: readonly string[], run: (tensors: Tensor[]) => T): T {
  const tensors: Tensor[] = [];
  try {
    for (const name of names) tensors.push(toTensor(feeds[name] as ServedTensor));
    return run(tensors);
  } finally {
    for (const t of tensors) t.dispose();
  }
}

/** A model of layers. */
function ofLayers(model: AnyModel): Servable {
  model.ensureReady('serve');
  const { inputs, outputs } = model;
  const inputNames = distinct(model.inputNames);
  const outputNames = distinct(model.outputNames);
  const portsOf = (names: readonly string[], symbols: typeof inputs): Port[] =>
    symbols.map(({ shape, dtype }, i) => ({
      name: names[i] as string,
      datatype: DATATYPES[dtype] as Datatype,
      shape: freely(shape),
    }));
  return {
    platform: 'samegrad_layers',
    inputs: portsOf(inputNames, inputs),
    outputs: portsOf(outputNames, outputs),
    // Layers that keep a state from batch to batch have a batch of fixed size.
    isBatched: [...inputs, ...outputs].every(({ shape }) => shape[0] === null),
    run: (feeds) =>
      withTensors(feeds, inputNames, (tensors) => {
        const results = [model.predictOnBatch(tensors)].flat();
        try {
          return Object.fromEntries(results.map((t, i) => [outputNames[i] as string, toServed(t)]));
        } finally {
          for (const t of results) t.dispose();
        }
      }),
    dispose: () => model.dispose(),
  };
}

/** A model that is a graph of operators. Whether its rows depend on each other is not known. */
function ofGraph(model: GraphModel): Servable {
  const infos = (list: GraphModel['inputs']): Port[] =>
    list.map(({ name, shape, dtype }) => {
      const datatype = DATATYPES[dtype];
      if (datatype === undefined)
        throw new ArgumentError(`serve: '${name}' has the type ${dtype}, which is not served`);
      return { name, datatype, shape: shape && freely(shape) };
    });
  const inputs = infos(model.inputs);
  return {
    platform: 'samegrad_graph',
    inputs,
    outputs: infos(model.outputs),
    run: (feeds) => {
      const isText = (name: string): boolean => feeds[name]?.datatype === 'BYTES';
      const names = inputs.map(({ name }) => name);
      const texts = names.filter(isText).map((name): [string, StringTensor] => {
        const { shape, data } = feeds[name] as ServedTensor;
        return [name, { dtype: 'string', shape, data: data as readonly string[] }];
      });
      const numeric = names.filter((name) => !isText(name));
      return withTensors(feeds, numeric, (tensors) => {
        const values = numeric.map((name, i): [string, Tensor] => [name, tensors[i] as Tensor]);
        const results = Object.entries(model.run(Object.fromEntries([...values, ...texts])));
        try {
          return Object.fromEntries(
            results.map(([name, value]): [string, ServedTensor] => [
              name,
              value.dtype === 'string'
                ? { datatype: 'BYTES', shape: value.shape, data: value.data }
                : toServed(value as Tensor),
            ]),
          );
        } finally {
          for (const [, value] of results) if (value.dtype !== 'string') (value as Tensor).dispose();
        }
      });
    },
    dispose: () => model.dispose(),
  };
}

/** The types of ONNX that the protocol has. */
const OF_ONNX: Readonly<Record<string, Datatype>> = {
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  bool: 'BOOL',
  string: 'BYTES',
};

function fromOnnx(name: string, result: OnnxTensor | readonly OnnxTensor[]): ServedTensor {
  const datatype = 'dtype' in result ? OF_ONNX[result.dtype] : undefined;
  if (datatype === undefined) throw new DTypeError(`output '${name}' is of a type that is not served`);
  const { data, shape } = result as OnnxTensor;
  if (datatype !== 'FP16') return { datatype, shape, data };
  const values = new Float32Array(data.length);
  widenHalves(data as Uint16Array, new Uint32Array(values.buffer));
  return { datatype, shape, data: values };
}

/** A model in ONNX. Whether its rows depend on each other is not known. */
function ofOnnx(model: OnnxModel): Servable {
  const infos = (list: OnnxModel['inputs']): Port[] =>
    list.map(({ name, shape, dtype = 'float32' }) => {
      const datatype = OF_ONNX[dtype];
      if (datatype === undefined)
        throw new ArgumentError(`serve: '${name}' has the type ${dtype}, which is not served`);
      return { name, datatype, shape: shape && freely(shape) };
    });
  return {
    platform: 'onnx',
    inputs: infos(model.inputs),
    outputs: infos(model.outputs),
    run: (feeds) => {
      const given = Object.entries(feeds).map(([name, { data, shape }]) => [name, { data, shape }] as const);
      const results = Object.entries(model.run(Object.fromEntries(given)));
      return Object.fromEntries(results.map(([name, result]) => [name, fromOnnx(name, result)]));
    },
    dispose: () => model.dispose(),
  };
}

/** What `serve` takes for a model: one of layers, a graph model, one in ONNX, or anything behind the interface. */
export type Served = AnyModel | GraphModel | OnnxModel | Servable;

const has = (value: object, name: string): boolean => name in value;

/** The interface of a model. @throws ArgumentError for what is none, StateError for one that is not built */
export function servableOf(name: string, given: Served): Servable {
  if (typeof given === 'object' && given !== null) {
    if (has(given, 'predictOnBatch')) return ofLayers(given as AnyModel);
    if (has(given, 'inputNodes')) return ofGraph(given as GraphModel);
    if (has(given, 'inputNames') && has(given, 'outputNames')) return ofOnnx(given as OnnxModel);
    const { inputs, outputs, run } = given as Partial<Servable>;
    if (Array.isArray(inputs) && Array.isArray(outputs) && typeof run === 'function') return given as Servable;
  }
  throw new ArgumentError(
    `serve: model '${name}' must be a model of layers, a graph model, one in ONNX, or { inputs, outputs, run }`,
  );
}
