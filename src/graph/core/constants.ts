/** The values that a file stores: weights as variables, integers as numbers that are known. */
import type { StoredWeight } from '../../io/formats/format';
import { emptyVariable } from '../../ops/core/variable';
import { engine } from '../../runtime/engine';
import { FormatError } from '../../support/errors';
import { withGraph } from '../../tensor/graph';
import type { Variable } from '../../tensor/variable';
import { HostArray, Texts, type Value } from './value';

/** Numbers or strings of a file. */
export type StoredValue =
  | StoredWeight
  | { readonly name: string; readonly shape: readonly number[]; readonly texts: readonly string[] };

/** One number: part of the commands that take it, as long as it is not trained. */
interface Scalar {
  readonly variable: Variable;
  known: HostArray;
  wasTrainable: boolean;
}

/** Where the stored values of a graph are, by the name of their node. */
export interface ConstantSource {
  /** The variables among them. */
  readonly variables: ReadonlyMap<string, Variable>;
  get(name: string): Value | undefined;
  /** Whether a number that programs take for known has changed. */
  refresh(): boolean;
  dispose(): void;
}

/** Values by the name of their node. */
export class Constants implements ConstantSource {
  readonly variables = new Map<string, Variable>();
  readonly #known = new Map<string, Value>();
  readonly #scalars = new Map<string, Scalar>();

  /** Takes in a value of a file. @throws FormatError for a name that is there already; OutOfMemoryError */
  add(stored: StoredValue): void {
    const { name, shape } = stored;
    if (this.variables.has(name) || this.#known.has(name)) throw new FormatError(`there are two weights '${name}'`);
    if ('texts' in stored) this.#known.set(name, new Texts(stored.texts, shape));
    else this.#addNumbers(stored);
  }

  #addNumbers(weight: StoredWeight): void {
    const { name, shape, dtype } = weight;
    const variable = withGraph(undefined, () => emptyVariable({ shape: [...shape], dtype }, false, name));
    this.variables.set(name, variable);
    const at = variable.address() >>> 2;
    const { memory } = engine;
    weight.copyTo((dtype === 'float32' ? memory.f32 : memory.i32).subarray(at, at + variable.size));
    if (dtype !== 'float32') this.#known.set(name, new HostArray(variable.dataSync(), variable.shape, dtype));
    else if (shape.length === 0)
      this.#scalars.set(name, { variable, known: new HostArray(variable.dataSync(), [], dtype), wasTrainable: false });
  }

  /** Strings by name. */
  get texts(): (readonly [string, Texts])[] {
    return [...this.#known].flatMap(([name, value]) => (value instanceof Texts ? [[name, value] as const] : []));
  }

  get(name: string): Value | undefined {
    const scalar = this.#scalars.get(name);
    if (scalar) return scalar.variable.trainable ? scalar.variable : scalar.known;
    return this.#known.get(name) ?? this.variables.get(name);
  }

  refresh(): boolean {
    let isChanged = false;
    for (const scalar of this.#scalars.values()) {
      const { variable, known, wasTrainable } = scalar;
      const now = engine.memory.f32[variable.address('graph') >>> 2] as number;
      if (variable.trainable === wasTrainable && (wasTrainable || Object.is(now, known.data[0]))) continue;
      scalar.known = new HostArray([now], [], 'float32');
      scalar.wasTrainable = variable.trainable;
      isChanged = true;
    }
    return isChanged;
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
