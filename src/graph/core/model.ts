/** Models that are graphs of operators. */
import type { IOHandler, IOHandlerSync, ModelArtifacts, SaveResult } from '../../io/artifacts';
import { handlerFor, registeredFor, schemeOf } from '../../io/storage/router';
import { relieve } from '../../runtime/pressure';
import { checkFlag, show } from '../../support/arguments';
import { ArgumentError, DisposedError, DTypeError, ShapeError } from '../../support/errors';
import { INSPECT } from '../../support/inspect';
import { isPlainObject } from '../../support/plain-object';
import { checked, choice } from '../../support/settings';
import type { DType } from '../../tensor/dtype';
import { showShape } from '../../tensor/shape';
import { alive, Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Constants } from './constants';
import { Executor, type Route } from './executor';
import type { Port, Program, Ref } from './graph';
import { type GraphFunction, GraphLayer, type GraphLayerArgs } from './layer';
import { Machine } from './machine';
import type { OperatorSet } from './registry';
import { Runner } from './runner';
import { Complex, Dead, HostArray, Texts, type Value, ValueList } from './value';

/** Strings, as graphs take and return them. */
export interface StringTensor {
  /** Always 'string'. */
  readonly dtype: 'string';
  /** Sizes of the dimensions. */
  readonly shape: readonly number[];
  /** Row by row. */
  readonly data: readonly string[];
}

/** What a graph takes at one input. */
export type GraphInput = Tensor | StringTensor;
/** Inputs in their order, or by name. */
export type GraphInputs = GraphInput | readonly GraphInput[] | Readonly<Record<string, GraphInput>>;

/** What is known of an input or output. */
export interface GraphTensorInfo {
  /** As `execute` takes it. */
  readonly name: string;
  /** Null is unknown, one dimension or all. */
  readonly shape: readonly (number | null)[] | null;
  /** Type of its elements. */
  readonly dtype: string;
}

/** What a model is made of. */
export interface GraphParts {
  readonly program: Program;
  readonly operators: OperatorSet;
  readonly constants: Constants;
  /** Values that are fed in every call, by the names of inputs. */
  readonly captured: ReadonlyMap<string, Value>;
  /** What the file says of the model, without the bytes of its weights. */
  readonly artifacts: ModelArtifacts;
  /** The parts of a file, with the weights as they are now. */
  readonly save: (weights: 'float32' | 'float16' | 'uint8' | 'uint16') => ModelArtifacts;
  /** Names of the outputs, if `predict` returns an object. */
  readonly structuredKeys?: readonly string[] | undefined;
}

/** Settings of `save`. */
export interface GraphSaveOptions {
  /** How float32 weights are stored; default 'float32'. */
  weights?: 'float32' | 'float16' | 'uint8' | 'uint16' | null;
}

const SAVE = { weights: choice(['float32', 'float16', 'uint8', 'uint16'], 'float32') };

const infoOf = ({ name, shape, dtype }: Port): GraphTensorInfo => ({ name, shape, dtype: dtype ?? 'float32' });

/**
 * A model that is a graph of operators, as `sg.loadGraphModel` returns it. It predicts as compiled programs, one for
 * each shape of its inputs, and can be part of functions that are differentiated or compiled: `sg.grad`, `sg.jit`,
 * `optimizer.minimize`.
 * @example
 * // const model = await sg.loadGraphModel('model.json');
 * // const y = model.predict(sg.ones([1, 224, 224, 3]));
 */
export class GraphModel {
  readonly #parts: GraphParts;
  readonly #executor: Executor;

  /** Made by `sg.loadGraphModel`. @internal */
  constructor(parts: GraphParts, tables: Machine['tables']) {
    this.#parts = parts;
    const { program, operators, constants } = parts;
    const machine = new Machine(program, operators, constants, (m, plan) => new Runner(m, plan));
    for (const [name, table] of tables) machine.tables.set(name, table);
    this.#executor = new Executor(machine, 'GraphModel');
  }

  get #graph(): Program['main'] {
    return this.#parts.program.main;
  }

  /** Inputs that have to be given. */
  get #ports(): readonly Port[] {
    return this.#graph.inputs.filter(({ name }) => !this.#parts.captured.has(name));
  }

  /** Names of the inputs, in the order in which `predict` takes them. */
  get inputNodes(): string[] {
    return this.#ports.map(({ name }) => name);
  }

  /** Names of the outputs, in the order in which `predict` returns them. */
  get outputNodes(): string[] {
    return this.#graph.outputs.map(({ name }) => name);
  }

  /** Name, shape and type of each input. */
  get inputs(): GraphTensorInfo[] {
    return this.#ports.map(infoOf);
  }

  /** Name, shape and type of each output. */
  get outputs(): GraphTensorInfo[] {
    return this.#graph.outputs.map(infoOf);
  }

  /** All stored numbers by the names of their nodes: variables, each in a list, as in TensorFlow.js. */
  get weights(): Record<string, Variable[]> {
    return Object.fromEntries([...this.#parts.constants.variables].map(([name, v]) => [name, [v]]));
  }

  /** What the author of the file wrote down beside the model. */
  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#parts.artifacts.userDefinedMetadata;
  }

  /** Version of the library that made the file, such as '2.3.0'. */
  get modelVersion(): string {
    const { modelTopology } = this.#parts.artifacts;
    const versions = isPlainObject(modelTopology) ? modelTopology.versions : undefined;
    const producer = isPlainObject(versions) ? versions.producer : undefined;
    const minimum = isPlainObject(versions) ? versions.minConsumer : undefined;
    return producer === undefined ? '' : `${producer}.${minimum ?? 'undefined'}`;
  }

  /** The signature of the file: names, shapes and types of inputs and outputs. */
  get modelSignature(): object {
    return this.#parts.artifacts.signature ?? {};
  }

  /** Names of the outputs if `predict` returns an object of them. */
  get modelStructuredOutputKeys(): readonly string[] | undefined {
    return this.#parts.structuredKeys;
  }

  /** Number of stored numbers. */
  countParams(): number {
    let count = 0;
    for (const v of this.#parts.constants.variables.values()) if (v.dtype === 'float32') count += v.size;
    return count;
  }

  /**
   * Whether the weights are trained: float32 variables with at least one dimension. Default false. Single weights are
   * frozen, or trained, by their own `trainable`: `model.weights['dense/kernel'][0].trainable = true`.
   */
  get trainable(): boolean {
    return this.trainableWeights.length > 0;
  }

  set trainable(value: boolean) {
    checkFlag(value, 'GraphModel', 'trainable');
    for (const v of this.#parts.constants.variables.values())
      if (v.dtype === 'float32' && v.rank > 0) v.trainable = value;
  }

  /** Weights that optimizers change. */
  get trainableWeights(): Variable[] {
    return [...this.#parts.constants.variables.values()].filter((v) => v.trainable);
  }

  /** The value that a name stands for: an input or output, a node, or `node:1`. */
  #find(name: unknown, where: string, ports: readonly Port[]): Ref {
    if (typeof name !== 'string') throw new ArgumentError(`${where}: needs names of nodes, got ${show(name)}`);
    const port = ports.find((p) => p.name === name);
    if (port) return port.ref;
    const [node, output = '0'] = splitName(name);
    const index = this.#graph.nodes.findIndex((n) => n.name === node);
    if (index < 0)
      throw new ArgumentError(
        `${where}: the graph has no node ${show(node)}; its inputs are ${show(this.inputNodes)}, its outputs ${show(this.outputNodes)}`,
      );
    return { node: index, output: Number(output) };
  }

  /** Names of inputs, with their values. */
  #named(inputs: GraphInputs, where: string): Map<string, GraphInput> {
    const ports = this.#ports;
    const isOne = inputs instanceof Tensor || isStrings(inputs);
    if (isOne || Array.isArray(inputs)) {
      const list = (isOne ? [inputs] : inputs) as readonly GraphInput[];
      if (list.length !== ports.length)
        throw new ArgumentError(
          `${where}: the model takes ${ports.length} inputs (${show(this.inputNodes)}), got ${list.length}`,
        );
      return new Map(ports.map(({ name }, i) => [name, list[i] as GraphInput]));
    }
    if (!isPlainObject(inputs))
      throw new ArgumentError(
        `${where}: inputs must be a tensor, a list of tensors, or tensors by name, got ${show(inputs)}`,
      );
    return new Map(Object.entries(inputs as Record<string, GraphInput>));
  }

  /** The value of an input, of the type and shape that the graph needs. */
  #checked(name: string, value: unknown, where: string): Value {
    const port = this.#graph.inputs.find((p) => p.name === name);
    if (isStrings(value)) return new Texts(value.data, value.shape);
    if (!(value instanceof Tensor))
      throw new ArgumentError(`${where}: input '${name}' must be a tensor, got ${show(value)}`);
    alive(value, where);
    if (!port) return value;
    const { shape, dtype } = port;
    const fits =
      shape === null || (shape.length === value.rank && shape.every((d, i) => d === null || d === value.shape[i]));
    if (!fits)
      throw new ShapeError(
        `${where}: input '${name}' must be ${showShape(shape ?? [])}, got ${showShape(value.shape)}`,
      );
    if (dtype !== undefined && dtype !== value.dtype && DTYPES.includes(dtype as DType))
      throw new DTypeError(`${where}: input '${name}' must be ${dtype}, got ${value.dtype}; cast it`);
    return value;
  }

  /** Each output, as the graph computes it. */
  #compute(where: string, inputs: GraphInputs, outputs: readonly string[]): Value[] {
    if (this.#executor.isDisposed) throw new DisposedError('GraphModel: the model was disposed of; load it again');
    const named = this.#named(inputs, where);
    const { captured } = this.#parts;
    const names = [...named.keys(), ...captured.keys()];
    const feeds = [...named].map(([name, value]) => this.#checked(name, value, where));
    const { main } = this.#parts.program;
    const route = (): Route => ({
      feeds: names.map((name) => this.#find(name, where, main.inputs)),
      results: outputs.map((name) => this.#find(name, where, main.outputs)),
    });
    return this.#executor.run(JSON.stringify([names, outputs]), route, [...feeds, ...captured.values()]);
  }

  /**
   * Predicts.
   * @param inputs a tensor, a list of them in the order of `inputNodes`, or an object by their names.
   * @param _config for programs written for TensorFlow.js.
   * @returns a tensor if there is one output, else a list in the order of `outputNodes`, or an object by their names if
   * the file has names for them
   * @throws ShapeError, DTypeError, ArgumentError for inputs that do not fit; what an operator throws, with its node
   * @example
   * // const y = model.predict(sg.ones([1, 224, 224, 3]));
   */
  predict(inputs: GraphInputs, _config?: object | null): Tensor | Tensor[] | Record<string, Tensor> {
    const names = this.outputNodes;
    const results = this.#compute('predict', inputs, names).map((value, i) => asTensor(value, names[i] as string));
    const keys = this.#parts.structuredKeys;
    if (keys) return Object.fromEntries(names.map((name, i) => [keys[i] ?? name, results[i] as Tensor]));
    return results.length === 1 ? (results[0] as Tensor) : results;
  }

  /** `predict`, as a promise. @throws as `predict`; the promise is rejected */
  async predictAsync(inputs: GraphInputs, config?: object | null): Promise<Tensor | Tensor[] | Record<string, Tensor>> {
    const results = this.predict(inputs, config);
    await relieve();
    return results;
  }

  /**
   * Computes any values of the graph.
   * @param inputs as for `predict`; by name also values of inner nodes, which are then not computed.
   * @param outputs names of nodes (`node`, or `node:1` for its second output), or one; default: the model's outputs.
   * @returns a tensor if there is one output, else a list
   * @throws ArgumentError for a name that the graph does not have; as `predict`
   * @example
   * // const features = model.execute(image, 'global_average_pooling2d/Mean');
   */
  execute(inputs: GraphInputs, outputs?: string | readonly string[] | null): Tensor | Tensor[] {
    const names = outputs === undefined || outputs === null ? this.outputNodes : [outputs].flat();
    const results = this.#compute('execute', inputs, names).map((value, i) => asTensor(value, names[i] as string));
    return results.length === 1 ? (results[0] as Tensor) : results;
  }

  /** `execute`, as a promise. @throws as `execute`; the promise is rejected */
  async executeAsync(inputs: GraphInputs, outputs?: string | readonly string[] | null): Promise<Tensor | Tensor[]> {
    const results = this.execute(inputs, outputs);
    await relieve();
    return results;
  }

  /**
   * Computes values by name, strings among them.
   * @param feeds values by the names of inputs.
   * @param outputs names of nodes; default: the model's outputs.
   * @returns by their names tensors, or `{ data, shape, dtype: 'string' }`
   * @throws as `execute`
   * @example
   * // const { scores } = model.run({ image: sg.ones([1, 224, 224, 3]) });
   */
  run(
    feeds: Readonly<Record<string, GraphInput>>,
    outputs?: readonly string[] | null,
  ): Record<string, Tensor | StringTensor> {
    const names = outputs ?? this.outputNodes;
    const results = this.#compute('run', feeds, names);
    return Object.fromEntries(
      names.map((name, i): [string, Tensor | StringTensor] => {
        const value = results[i] as Value;
        if (!(value instanceof Texts)) return [name, asTensor(value, name)];
        return [name, { dtype: 'string', shape: value.shape, data: value.data }];
      }),
    );
  }

  /**
   * The graph, up to some of its nodes, as a layer: features for layers that come after it. Its weights are those of this
   * model, frozen unless `trainable` is true.
   * @param args settings: outputs (names of nodes; default: the model's outputs), trainable (default false), and those of
   *   all layers
   * @throws ArgumentError for wrong settings
   * @example
   * // const features = model.asLayer({ outputs: 'pool/Mean', inputShape: [224, 224, 3] });
   * // const head = sg.sequential({ layers: [features, sg.layers.dense({ units: 3, activation: 'softmax' })] });
   */
  asLayer(args?: GraphLayerArgs | null): GraphLayer {
    return new GraphLayer(this.#asFunction(), checked('asLayer', GraphLayer.accepts(), args) as GraphLayerArgs);
  }

  /** The graph as layers call it. */
  #asFunction(): GraphFunction {
    const { inputs, outputNodes, weights } = this;
    return { inputs, outputNodes, weights, execute: (xs, outputs) => this.execute(xs, outputs) };
  }

  /**
   * Saves the graph with its weights as they are now, as TensorFlow.js reads it.
   * @param where a folder or an URL (`file://`, `http://`, `https://`, `indexeddb://`, `localstorage://`, `downloads://`),
   * or a handler of `sg.io`.
   * @param options weights 'float32' by default
   * @throws ArgumentError for an unknown place
   * @example
   * // await model.save('folder');
   */
  async save(where: string | IOHandler | IOHandlerSync, options?: GraphSaveOptions | null): Promise<SaveResult> {
    const { weights } = checked('save', SAVE, options);
    if (this.#executor.isDisposed) throw new DisposedError('save: the model was disposed of');
    const isPath = typeof where === 'string' && schemeOf(where) === undefined && !registeredFor('save', where).length;
    const handler = typeof where === 'string' ? handlerFor('save', 'save', isPath ? `file://${where}` : where) : where;
    if (typeof handler?.save !== 'function')
      throw new ArgumentError(`save: needs a path, an URL, or a handler with a method save, got ${show(where)}`);
    return handler.save(this.#parts.save(weights));
  }

  /** Frees weights and programs. Calling it again does nothing. */
  dispose(): void {
    this.#executor.dispose();
  }

  /** @internal */
  [INSPECT](): string {
    if (this.#executor.isDisposed) return 'GraphModel (disposed of)';
    return `GraphModel ${this.inputNodes.join(', ')} -> ${this.outputNodes.join(', ')}, ${this.countParams()} parameters`;
  }
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'bool'];

/** A name and the number of an output. */
function splitName(name: string): [string, string?] {
  const at = name.lastIndexOf(':');
  const output = name.slice(at + 1);
  return at > 0 && /^\d{1,4}$/.test(output) ? [name.slice(0, at), output] : [name];
}

function isStrings(value: unknown): value is StringTensor {
  if (!isPlainObject(value) || value.dtype !== 'string') return false;
  const { data, shape } = value;
  return Array.isArray(data) && data.every((text) => typeof text === 'string') && Array.isArray(shape);
}

function asTensor(value: Value, name: string): Tensor {
  if (value instanceof Tensor) return value;
  if (value instanceof HostArray) return value.tensor();
  if (value instanceof Texts) throw new DTypeError(`execute: '${name}' is made of strings; model.run returns them`);
  if (value instanceof Complex)
    throw new DTypeError(
      `execute: '${name}' is made of complex numbers; take their real and imaginary parts in the graph`,
    );
  if (value instanceof ValueList)
    throw new DTypeError(`execute: '${name}' is a list of tensors; take them out in the graph`);
  if (value instanceof Dead)
    throw new ArgumentError(`execute: '${name}' is in a branch of the graph that was not taken`);
  throw new DTypeError(`execute: '${name}' is a table, not a tensor`);
}
