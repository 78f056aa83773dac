/** Models in ONNX. */
import { Executor, type Route } from '../graph/core/executor';
import type { Ref } from '../graph/core/graph';
import { Machine } from '../graph/core/machine';
import { Runner } from '../graph/core/runner';
import { HOST_ELEMENTS, HostArray, type Value } from '../graph/core/value';
import { show } from '../support/arguments';
import { ArgumentError, DisposedError, ShapeError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { showShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import { operators } from './operators/index';
import type { OnnxConstants } from './read/constants';
import type { OnnxPort, ReadModel } from './read/graph';
import { type OnnxInput, type OnnxTensor, typedValue, valueOf } from './typed';

/** Known integers that a program is made for at once, if shapes depend on them. */
const FEW = 64;

export interface OnnxParts {
  readonly read: ReadModel;
  readonly constants: OnnxConstants;
}

/**
 * A model in ONNX, as `onnx.load` returns it.
 */
export class OnnxModel {
  readonly #parts: OnnxParts;
  readonly #executor: Executor;

  /** Made by `onnx.load`. @internal */
  constructor(parts: OnnxParts) {
    this.#parts = parts;
    const { read, constants } = parts;
    const machine = new Machine(read, operators, constants, (m, plan) => new Runner(m, plan));
    this.#executor = new Executor(machine, 'OnnxModel');
  }

  /** Names of the inputs that have to be given. */
  get inputNames(): string[] {
    return this.#parts.read.inputs.map(({ name }) => name);
  }

  /** Names of the outputs. */
  get outputNames(): string[] {
    return this.#parts.read.outputs.map(({ name }) => name);
  }

  /** The weights by name. */
  get weights(): Record<string, Variable> {
    return Object.fromEntries(this.#parts.constants.variables);
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
    const port = this.#parts.read.inputs.find((p) => p.name === name);
    const shape = port?.shape;
    const own = value instanceof Tensor || value instanceof HostArray ? value.shape : undefined;
    if (shape && own && (shape.length !== own.length || shape.some((d, i) => d !== null && d !== own[i])))
      throw new ShapeError(`${what} must be ${showShape(shape)}, got ${showShape(own)}`);
    return this.#specialized(name, value);
  }

  /** Numbers on which shapes depend are known before a program is made. */
  #specialized(name: string, value: Value): Value {
    if (!(value instanceof Tensor) || value.isTraced || value.size > Math.min(FEW, HOST_ELEMENTS)) return value;
    const uses = this.#parts.read.inputUses.get(name) ?? [];
    const isKnown = uses.some(({ definition, operand }) => definition?.known.includes(operand));
    return isKnown ? new HostArray(value.dataSync(), value.shape, value.dtype) : value;
  }

  #compute(where: string, feeds: Readonly<Record<string, unknown>>, outputs: readonly string[]): Value[] {
    if (this.#executor.isDisposed) throw new DisposedError(`${where}: the model was disposed of; load it again`);
    if (!isPlainObject(feeds)) throw new ArgumentError(`${where}: feeds must be values by name, got ${show(feeds)}`);
    const names = Object.keys(feeds).filter((name) => feeds[name] !== undefined && feeds[name] !== null);
    const given = names.map((name) => this.#fed(name, feeds[name], where));
    const route = (): Route => ({
      feeds: names.map((name) => this.#ref(name, where)),
      results: outputs.map((name) => this.#ref(name, where)),
    });
    for (const name of outputs) this.#ref(name, where);
    try {
      return this.#executor.run(JSON.stringify([names, outputs]), route, given);
    } finally {
      given.forEach((value, i) => {
        if (value instanceof Tensor && value !== feeds[names[i] as string]) value.dispose();
      });
    }
  }

  /**
   * Computes values by name.
   * @param feeds values by the names of inputs: tensors, or `{ data, shape, dtype }`.
   * @param outputs names of values; default: the model's outputs.
   * @returns by their names `{ data, shape, dtype }`; a sequence is a list of them
   */
  run(
    feeds: Readonly<Record<string, OnnxInput>>,
    outputs?: readonly string[] | null,
  ): Record<string, OnnxTensor | OnnxTensor[]> {
    const names = outputs ?? this.outputNames;
    const results = this.#compute('run', feeds, names);
    try {
      return Object.fromEntries(
        names.map((name, i) => [name, typedValue(results[i] as Value, this.#ref(name, 'run').type, name)]),
      );
    } finally {
      for (const value of results) if (value instanceof Tensor) value.dispose();
    }
  }

  /** Frees weights and programs. Calling it again does nothing. */
  dispose(): void {
    this.#executor.dispose();
  }
}
