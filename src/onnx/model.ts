/** Models in ONNX. */
import { Executor, type Route } from '../graph/core/executor';
import type { Ref } from '../graph/core/graph';
import { type GraphFunction, GraphLayer, type GraphLayerArgs } from '../graph/core/layer';
import { Machine } from '../graph/core/machine';
import { Runner } from '../graph/core/runner';
import { eachTensor, HostArray, type Value } from '../graph/core/value';
import { listOf } from '../layers/base/shapes';
import type { SymbolicTensor } from '../layers/base/symbolic';
import type { CompileArgs } from '../models/compile';
import type { DataArg } from '../models/feed/check';
import { Functional } from '../models/functional/functional';
import type { EvaluateArgs, FitArgs } from '../models/loop/settings';
import type { Training } from '../models/methods';
import { checkText, show, within, withinAsync } from '../support/arguments';
import { ArgumentError, DisposedError, DTypeError, ShapeError, StateError } from '../support/errors';
import { INSPECT } from '../support/inspect';
import { isPlainObject } from '../support/plain-object';
import * as is from '../support/settings';
import { showShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import type { History } from '../train/callbacks';
import type { KeptModel } from './kept';
import { layeredInputs, type OnnxAsModelArgs, type OnnxFixed } from './layered';
import { joined } from './proto/wire';
import type { OnnxConstants } from './read/constants';
import { dtypeOf } from './read/elements';
import type { OnnxPort, ReadModel } from './read/graph';
import { type OnnxInput, type OnnxTensor, typedValue, valueOf } from './typed';

/** Known integers that a program is made for at once, if shapes depend on them. */
const FEW = 64;

/** What a model is made of. */
export interface OnnxParts {
  readonly read: ReadModel;
  readonly constants: OnnxConstants;
  readonly kept: KeptModel;
}

/** What is known of an input or output. */
export interface OnnxTensorInfo {
  /** As `run` takes it. */
  readonly name: string;
  /** Null is unknown, one dimension or all. */
  readonly shape: readonly (number | null)[] | null;
  /** Type of its elements in ONNX; undefined where the file does not say it. */
  readonly dtype: string | undefined;
}

/** Inputs in their order, or by name. */
export type OnnxInputs = OnnxInput | readonly OnnxInput[] | Readonly<Record<string, OnnxInput>>;

/** Which weights: all whose names a text is, or a pattern fits. */
export type OnnxPattern = string | RegExp | readonly (string | RegExp)[];

const infoOf = ({ name, shape, type }: OnnxPort): OnnxTensorInfo => ({ name, shape, dtype: type });

const PARTS = ['data', 'shape'];

/** Whether it is one value, not values by name: a model's inputs may be named like the parts of a value. */
const isOne = (inputs: unknown, names: readonly string[]): boolean =>
  inputs instanceof Tensor ||
  (isPlainObject(inputs) && PARTS.every((part) => part in inputs) && !PARTS.every((part) => names.includes(part)));

/**
 * A model in ONNX, as `onnx.load` returns it. It predicts as compiled programs, one for each shape of its inputs; its
 * weights are variables, which `fit`, `sg.grad` and optimizers train.
 * @example
 * // const model = await onnx.load('model.onnx');
 * // const y = model.predict(sg.ones([1, 3, 224, 224]));
 */
export class OnnxModel {
  readonly #parts: OnnxParts;
  readonly #executor: Executor;
  #training: (Functional & Training) | undefined;

  /** Made by `onnx.load`. @internal */
  constructor(parts: OnnxParts) {
    this.#parts = parts;
    const { read, constants } = parts;
    const machine = new Machine(read, read.operators, constants, (m, plan) => new Runner(m, plan));
    this.#executor = new Executor(machine, 'OnnxModel');
  }

  /** Names of the inputs that have to be given, in the order in which `predict` takes them. */
  get inputNames(): string[] {
    return this.#parts.read.inputs.map(({ name }) => name);
  }

  /** Names of the outputs, in the order in which `predict` returns them. */
  get outputNames(): string[] {
    return this.#parts.read.outputs.map(({ name }) => name);
  }

  /** Name, shape and type of each input. */
  get inputs(): OnnxTensorInfo[] {
    return this.#parts.read.inputs.map(infoOf);
  }

  /** Name, shape and type of each output. */
  get outputs(): OnnxTensorInfo[] {
    return this.#parts.read.outputs.map(infoOf);
  }

  /** The stored tensors that are variables, by name: weights, statistics of batch normalization, large integers. */
  get weights(): Record<string, Variable> {
    return Object.fromEntries(this.#parts.constants.variables);
  }

  /** Weights that optimizers change: all that are not frozen. */
  get trainableWeights(): Variable[] {
    return [...this.#parts.constants.variables.values()].filter((v) => v.trainable);
  }

  /** Whether any weight is trained; to set it freezes all, or none. */
  get trainable(): boolean {
    return this.trainableWeights.length > 0;
  }

  set trainable(value: boolean) {
    if (typeof value !== 'boolean')
      throw new ArgumentError(`OnnxModel: trainable must be true or false, got ${show(value)}`);
    const { variables, trained } = this.#parts.constants;
    for (const name of trained) (variables.get(name) as Variable).trainable = value;
  }

  /** Number of stored numbers in weights and statistics. */
  countParams(): number {
    let count = 0;
    for (const v of this.#parts.constants.variables.values()) count += v.size;
    return count;
  }

  /**
   * Freezes weights: training does not change them. Call `compile` again afterwards.
   * @param pattern a name, a regular expression, or a list of them; default: all.
   * @throws ArgumentError if no weight has such a name
   * @example
   * // model.freeze(/^encoder\./);
   */
  freeze(pattern?: OnnxPattern | null): void {
    for (const v of this.#matching('freeze', pattern)) v.trainable = false;
  }

  /**
   * Lets training change weights that were frozen. Call `compile` again afterwards.
   * @param pattern a name, a regular expression, or a list of them; default: all.
   * @throws ArgumentError if no weight has such a name
   * @example
   * // model.unfreeze('classifier.weight');
   */
  unfreeze(pattern?: OnnxPattern | null): void {
    for (const v of this.#matching('unfreeze', pattern)) v.trainable = true;
  }

  #matching(where: string, pattern: OnnxPattern | null | undefined): Variable[] {
    const { variables, trained } = this.#parts.constants;
    const found = new Set<string>();
    for (const one of pattern === undefined || pattern === null ? [/(?:)/] : ([pattern].flat() as unknown[])) {
      if (typeof one !== 'string' && !(one instanceof RegExp))
        throw new ArgumentError(`${where}: needs names or regular expressions, got ${show(one)}`);
      const names = [...trained].filter((name) => (typeof one === 'string' ? name === one : name.search(one) >= 0));
      if (names.length === 0 && trained.size > 0)
        throw new ArgumentError(`${where}: no weight has the name ${String(one)}; there are ${show([...trained])}`);
      for (const name of names) found.add(name);
    }
    return [...found].map((name) => variables.get(name) as Variable);
  }

  #ref(name: unknown, where: string): Ref & { readonly type: OnnxPort['type'] } {
    const { values } = this.#parts.read;
    const found = typeof name === 'string' ? values.get(name) : undefined;
    if (found) return found;
    throw new ArgumentError(
      `${where}: the graph has no value ${show(name)}; its inputs are ${show(this.inputNames)}, its outputs ${show(this.outputNames)}`,
    );
  }

  /** The value of an input, of the type and shape that the graph needs. */
  #fed(name: string, given: unknown, where: string): Value {
    const { type } = this.#ref(name, where);
    const what = `${where}: input '${name}'`;
    const value = valueOf(given, type, what);
    const shape = this.#parts.read.inputs.find((p) => p.name === name)?.shape;
    const own = value instanceof Tensor || value instanceof HostArray ? value.shape : undefined;
    if (shape && own && (shape.length !== own.length || shape.some((d, i) => d !== null && d !== own[i]))) {
      if (value instanceof Tensor && value !== given) value.dispose();
      throw new ShapeError(`${what} must be ${showShape(shape)}, got ${showShape(own)}`);
    }
    return value;
  }

  /** Numbers on which shapes depend are known before a program is made. */
  #specialized(name: string, value: Value): Value {
    if (!(value instanceof Tensor) || value.isTraced || value.size > FEW || value.dtype !== 'int32') return value;
    const uses = this.#parts.read.inputUses.get(name) ?? [];
    const isKnown = uses.some(({ definition, operand }) => definition?.known.includes(operand));
    return isKnown ? new HostArray(value.dataSync(), value.shape, value.dtype) : value;
  }

  #compute(
    where: string,
    feeds: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
    isTraining = false,
  ): Value[] {
    if (this.#executor.isDisposed) throw new DisposedError(`${where}: the model was disposed of; load it again`);
    const names = Object.keys(feeds).filter((name) => feeds[name] !== undefined && feeds[name] !== null);
    for (const name of outputs) this.#ref(name, where);
    const made: Tensor[] = [];
    try {
      const given = names.map((name) => {
        const value = this.#fed(name, feeds[name], where);
        const own = new Set<unknown>([feeds[name]].flat());
        eachTensor(value, (t) => {
          if (!own.has(t)) made.push(t);
        });
        return this.#specialized(name, value);
      });
      const route = (): Route => ({
        feeds: names.map((name) => this.#ref(name, where)),
        results: outputs.map((name) => this.#ref(name, where)),
      });
      return this.#executor.run(JSON.stringify([names, outputs]), route, given, isTraining);
    } finally {
      for (const t of made) t.dispose();
    }
  }

  /** Inputs by name. */
  #named(inputs: unknown, where: string): Record<string, unknown> {
    const { inputNames } = this;
    const isSingle = isOne(inputs, inputNames);
    if (isSingle || Array.isArray(inputs)) {
      const list = (isSingle ? [inputs] : inputs) as readonly unknown[];
      if (list.length !== inputNames.length)
        throw new ArgumentError(
          `${where}: the model takes ${inputNames.length} inputs (${show(inputNames)}), got ${list.length}`,
        );
      return Object.fromEntries(inputNames.map((name, i) => [name, list[i]]));
    }
    if (isPlainObject(inputs)) return inputs;
    throw new ArgumentError(
      `${where}: inputs must be a tensor, { data, shape, dtype }, a list of them, or an object by name, got ${show(inputs)}`,
    );
  }

  #tensors(where: string, inputs: unknown, outputs: readonly string[], isTraining = false): Tensor | Tensor[] {
    const results = this.#compute(where, this.#named(inputs, where), outputs, isTraining);
    const tensors = results.map((value, i) => {
      if (value instanceof Tensor) return value;
      if (value instanceof HostArray) return value.tensor();
      throw new DTypeError(`${where}: '${outputs[i]}' is not a tensor of numbers; model.run returns it`);
    });
    return tensors.length === 1 ? (tensors[0] as Tensor) : tensors;
  }

  /**
   * Predicts.
   * @param inputs a tensor or `{ data, shape, dtype }`, a list of them in the order of `inputNames`, or an object by name.
   * @returns a tensor if there is one output, else a list in the order of `outputNames`; integers are int32
   * @throws ShapeError, DTypeError, ArgumentError for inputs that do not fit; what an operator throws, with its node
   * @example
   * // const y = model.predict(sg.ones([1, 3, 224, 224]));
   */
  predict(inputs: OnnxInputs): Tensor | Tensor[] {
    return this.#tensors('predict', inputs, this.outputNames);
  }

  /**
   * Computes any values of the graph.
   * @param inputs as for `predict`; by name also inner values, which are then not computed.
   * @param outputs names of values, or one; default: the model's outputs.
   * @returns a tensor if there is one output, else a list; integers are int32
   * @throws ArgumentError for a name that the graph does not have; as `predict`
   * @example
   * // const features = model.execute(image, 'pool5');
   */
  execute(inputs: OnnxInputs, outputs?: string | readonly string[] | null): Tensor | Tensor[] {
    return this.#tensors('execute', inputs, [outputs ?? this.outputNames].flat());
  }

  /**
   * Computes values by name, in ONNX' own types.
   * @param feeds values by the names of inputs: tensors, or `{ data, shape, dtype }` (int64 as BigInt64Array).
   * @param outputs names of values; default: the model's outputs.
   * @returns by their names `{ data, shape, dtype }`, int64 as BigInt64Array; a sequence is a list of them
   * @throws as `predict`; ArgumentError for integers that do not fit int32, where they become a tensor
   * @example
   * // const { logits } = model.run({ ids: { data: BigInt64Array.of(1n, 2n), shape: [1, 2], dtype: 'int64' } });
   */
  run(
    feeds: Readonly<Record<string, OnnxInput>>,
    outputs?: readonly string[] | null,
  ): Record<string, OnnxTensor | OnnxTensor[]> {
    if (!isPlainObject(feeds)) throw new ArgumentError(`run: feeds must be values by name, got ${show(feeds)}`);
    if (outputs !== undefined && outputs !== null && !Array.isArray(outputs))
      throw new ArgumentError(`run: outputs must be a list of names, got ${show(outputs)}`);
    const names: readonly string[] = outputs ?? this.outputNames;
    const results = this.#compute('run', feeds, names);
    try {
      return Object.fromEntries(
        names.map((name, i) => [name, typedValue(results[i] as Value, this.#ref(name, 'run').type, name)]),
      );
    } finally {
      for (const value of results) eachTensor(value, (t) => t.dispose());
    }
  }

  /** The graph as layers call it. @param isFree which weights are the layer's */
  #asFunction(isFree: (weight: Variable) => boolean, fixed: Readonly<Record<string, OnnxFixed>> = {}): GraphFunction {
    const { constants, read } = this.#parts;
    const open = read.inputs.filter(({ name }) => !Object.hasOwn(fixed, name));
    const all = Object.entries(fixed);
    const trained = [...constants.trained].map((name) => [name, [constants.variables.get(name) as Variable]] as const);
    const weights = trained.filter(([, [weight]]) => isFree(weight as Variable));
    return {
      inputs: open.map(({ type, shape }) => ({ dtype: type ? dtypeOf(type) : 'float32', shape })),
      outputNodes: this.outputNames,
      weights: Object.fromEntries(weights),
      execute: (inputs, outputs, isTraining) => {
        const batch = inputs[0]?.shape[0] ?? 1;
        const feeds = Object.fromEntries([
          ...open.map(({ name }, i) => [name, inputs[i]] as const),
          ...all.map(([name, value]) => [name, typeof value === 'function' ? value(batch) : value] as const),
        ]);
        return this.#tensors('execute', feeds, outputs, isTraining);
      },
    };
  }

  /**
   * The graph, up to some of its values, as a layer: features for layers that come after it. Its weights are those of this
   * model, frozen unless `trainable` is true.
   * @param args settings: outputs (names of values; default: the model's outputs), trainable (default false), and those of
   *   all layers
   * @throws ArgumentError for wrong settings
   * @example
   * // const features = model.asLayer({ outputs: 'pool5', inputShape: [3, 224, 224] });
   * // const head = sg.sequential({ layers: [features, sg.layers.dense({ units: 3, activation: 'softmax' })] });
   */
  asLayer(args?: GraphLayerArgs | null): GraphLayer {
    const settings = is.checked('asLayer', GraphLayer.accepts(), args) as GraphLayerArgs;
    for (const name of settings.outputs === undefined ? [] : [settings.outputs].flat()) this.#ref(name, 'asLayer');
    return new GraphLayer(
      this.#asFunction(() => true),
      settings,
    );
  }

  /**
   * The model as a model of layers, which has one layer for all of the graph: for what only those have, such as
   * `fitDataset`, or layers after it. Its weights are those of this model.
   * @param outputs names of values at which the graph is cut, or one; default: the model's outputs.
   * @param args settings: inputShapes (sizes of what the graph leaves open), fixed (values of inputs without examples)
   * @returns a model whose inputs and outputs have the names of those here
   * @throws ArgumentError for a name that the graph does not have, for inputs without a batch and for sizes that do not
   *   fit; ShapeError for a graph that needs sizes which are not given
   * @example
   * // const features = model.asModel('pool5', { inputShapes: [null, 3, 48, 48] });
   * // const speech = vad.asModel('output', { fixed: { sr: sg.scalar(16000, 'int32'), state: (n) => sg.zeros([2, n, 128]) } });
   */
  asModel(outputs?: string | readonly string[] | null, args?: OnnxAsModelArgs | null): Functional {
    return within('asModel', () => {
      const { inputs: ports, fixed } = layeredInputs(this.#parts.read.inputs, args);
      const names: readonly string[] = [outputs ?? this.outputNames].flat();
      for (const name of names) this.#ref(name, 'asModel');
      // Weights that are frozen stay so.
      const graph = this.#asFunction((weight) => weight.trainable, fixed);
      const layer = new GraphLayer(graph, { outputs: names, trainable: true, name: 'onnx' });
      const results = layer.apply(ports.length === 1 ? (ports[0] as SymbolicTensor) : ports);
      return new Functional({ inputs: ports, outputs: listOf(results as unknown as SymbolicTensor) });
    });
  }

  /** The model that is trained. @throws StateError unless training is loaded, and compiled */
  #trained(where: string): Functional & Training {
    if (this.#training) return this.#training;
    throw new StateError(`${where}: the model is not compiled; call model.compile({ optimizer, loss }) first`);
  }

  /**
   * Sets optimizer, loss and metrics. Weights that are not frozen now are trained.
   * @throws ArgumentError for unknown names; StateError where training is not loaded, which `import 'samegrad'` does
   * @example
   * // model.compile({ optimizer: sg.train.adam(1e-4), loss: 'sparseCategoricalCrossentropy' });
   */
  compile(args: CompileArgs): void {
    const model = this.asModel() as Functional & Training;
    if (typeof model.compile !== 'function')
      throw new StateError("compile: training is not loaded; import * as sg from 'samegrad'");
    model.compile(args);
    this.#training = model;
  }

  /**
   * Trains, as `model.fit` of models of layers.
   * @param x a tensor, a list of them, or an object by name; the first dimension of each is that of the examples.
   * @returns the losses and metrics of each epoch
   * @throws as `model.fit`; StateError unless compiled
   * @example
   * // await model.fit(x, y, { epochs: 3 });
   */
  async fit(x: DataArg, y: DataArg, args?: FitArgs | null): Promise<History> {
    return this.#trained('fit').fit(x, y, args);
  }

  /**
   * One step of training on one batch.
   * @returns loss and metrics
   * @throws as `fit`
   * @example
   * // const loss = await model.trainOnBatch(x, y);
   */
  async trainOnBatch(x: DataArg, y: DataArg): Promise<number | number[]> {
    return this.#trained('trainOnBatch').trainOnBatch(x, y);
  }

  /**
   * Loss and metrics on data.
   * @throws as `fit`
   * @example
   * // const [loss, accuracy] = model.evaluate(x, y);
   */
  evaluate(x: DataArg, y: DataArg, args?: EvaluateArgs | null): Tensor | Tensor[] {
    return this.#trained('evaluate').evaluate(x, y, args);
  }

  /**
   * The file, with the weights as they are now.
   * @returns the bytes, all weights among them
   * @throws StateError for weights of a function that is called several times, if they differ now
   * @example
   * // const bytes = model.toBytes();
   */
  toBytes(): Uint8Array {
    if (this.#executor.isDisposed) throw new DisposedError('toBytes: the model was disposed of');
    return joined(this.#parts.kept.encode());
  }

  /**
   * Writes the file, with the weights as they are now.
   * @param path of the file, in Node, Deno and Bun; elsewhere `toBytes` returns the bytes.
   * @throws as `toBytes`; ArgumentError for a path that cannot be written; RuntimeSupportError where there are no files
   * @example
   * // await model.save('trained.onnx');
   */
  async save(path: string): Promise<void> {
    return withinAsync('save', async () => {
      const file = checkText(path, 'save', 'path');
      const bytes = this.toBytes();
      const { writeFile } = await import('../io/storage/places');
      await writeFile(file, bytes, 'save');
    });
  }

  /** Frees weights and programs. Calling it again does nothing. */
  dispose(): void {
    this.#executor.dispose();
  }

  /** @internal */
  [INSPECT](): string {
    if (this.#executor.isDisposed) return 'OnnxModel (disposed of)';
    return `OnnxModel ${this.inputNames.join(', ')} -> ${this.outputNames.join(', ')}, ${this.countParams()} parameters`;
  }
}
