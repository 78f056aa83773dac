/** What an optimizer keeps for each variable: moments, averages, gradients that it gathers. */
import { StepCells } from '../../../assembly/isa';
import { engine } from '../../runtime/engine';
import { ArgumentError, ShapeError } from '../../support/errors';
import type { Graph, Location, TensorSpec } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { type Shape, sameShape, showShape, sizeOf } from '../../tensor/shape';
import { releaseWith, Storage } from '../../tensor/storage';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Arena } from './arena';
import type { Turn } from './clock';

export interface SlotSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initial: number;
}

/** The values of one slot. */
export interface SlotValues {
  /** The variable's name and the slot's. */
  readonly name: string;
  /** Its shape. */
  readonly shape: Shape;
  /** Its elements, in order. */
  readonly values: Float32Array;
}

interface Entry {
  readonly variable: WeakRef<Variable>;
  readonly specs: readonly SlotSpec[];
  readonly storages: readonly Storage[];
  /** Where the variable's part begins in each of them. */
  readonly offset: number;
}

const bytesOf = (spec: SlotSpec): number => sizeOf(spec.shape) * 4;

function view(storage: Storage, offset: number, bytes: number): Float32Array {
  const at = (storage.address + offset) >>> 2;
  return engine.memory.f32.subarray(at, at + bytes / 4);
}

export class Slots {
  /** In the order in which the variables came. */
  readonly #entries: Entry[] = [];
  readonly #of = new WeakMap<Variable, Entry>();
  /** Memory of variables outside an arena, one list each. */
  readonly #owned = new Set<Storage[]>();
  /** Restored values of variables that have yet to come. */
  #pending: SlotValues[] = [];

  /** @param owner when it is forgotten, so is the memory */
  constructor(
    readonly specsOf: (v: Variable) => readonly SlotSpec[],
    readonly owner: object,
  ) {}

  /** Whether any variable has come. */
  get isUsed(): boolean {
    return this.#entries.length > 0;
  }

  /** Makes the slots of an arena's variables: laid out like the parameters if `isMirrored`. */
  adopt(arena: Arena, isMirrored: boolean): void {
    const [first] = arena.variables;
    const mirrors = isMirrored && first ? this.specsOf(first).map((spec) => filled(arena.mirror(), spec)) : [];
    arena.variables.forEach((v, i) => {
      if (isMirrored) this.#add(v, this.specsOf(v), mirrors, arena.offsets[i] as number);
      else this.of(v);
    });
  }

  /** The memory of a variable's slots; allocated at the first call. */
  of(v: Variable): Location[] {
    const { storages, offset } = this.#of.get(v) ?? this.#make(v);
    return storages.map((storage) => ({ storage, offset }));
  }

  #make(v: Variable): Entry {
    this.#sweep();
    const specs = this.specsOf(v);
    const storages = untracked(() =>
      specs.map((spec) => filled(new Storage(Math.max(4, bytesOf(spec)), 'training'), spec)),
    );
    this.#owned.add(storages);
    releaseWith(v, storages);
    releaseWith(this.owner, storages);
    return this.#add(v, specs, storages, 0);
  }

  #add(v: Variable, specs: readonly SlotSpec[], storages: readonly Storage[], offset: number): Entry {
    const entry: Entry = { variable: new WeakRef(v), specs, storages, offset };
    // Refuses what does not fit before the variable counts as known.
    if (this.#pending.length) this.#fill([entry], this.#pending);
    this.#entries.push(entry);
    this.#of.set(v, entry);
    return entry;
  }

  /** Disposes of the memory of variables outside an arena that were disposed of. */
  #sweep(): void {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { variable, storages } = this.#entries[i] as Entry;
      const own = storages as Storage[];
      if (!this.#owned.has(own) || variable.deref()?.isDisposed === false) continue;
      this.#entries.splice(i, 1);
      this.#owned.delete(own);
      for (const storage of own.splice(0)) storage.release();
    }
  }

  #alive(): { entry: Entry; variable: Variable }[] {
    return this.#entries.flatMap((entry) => {
      const variable = entry.variable.deref();
      return variable && !variable.isDisposed ? [{ entry, variable }] : [];
    });
  }

  /** A slot of every variable, by name. */
  each(name: string, fn: (slot: Float32Array, value: Float32Array) => void): void {
    for (const { entry, variable } of this.#alive()) {
      const i = entry.specs.findIndex((s) => s.name === name);
      const { storage, offset } = variable.location('optimizer');
      const bytes = variable.size * 4;
      fn(view(entry.storages[i] as Storage, entry.offset, bytes), view(storage, offset, bytes));
    }
  }

  save(): SlotValues[] {
    const rows = this.#alive().flatMap(({ entry: { specs, storages, offset }, variable }) =>
      specs.map((spec, i) => ({
        name: `${variable.name}/${spec.name}`,
        shape: spec.shape,
        values: view(storages[i] as Storage, offset, bytesOf(spec)).slice(),
      })),
    );
    return [...rows, ...this.#pending];
  }

  /**
   * Sets values from `save`, by position.
   * @param isWhole whether no more variables will come.
   * @throws ArgumentError, ShapeError; nothing has changed then
   */
  restore(rows: readonly SlotValues[], isWhole: boolean): void {
    this.#fill(
      this.#alive().map(({ entry }) => entry),
      rows,
      isWhole,
    );
  }

  /** @throws as `restore`, if what waits for variables does not fit these */
  expects(variables: readonly Variable[]): void {
    if (this.#pending.length) check(variables.flatMap(this.specsOf), this.#pending, true);
  }

  /** Hands the first values to these entries; the rest waits for variables to come. */
  #fill(entries: readonly Entry[], rows: readonly SlotValues[], isWhole = false): void {
    const places = entries.flatMap(({ specs, storages, offset }) =>
      specs.map((spec, i) => ({ spec, storage: storages[i] as Storage, offset })),
    );
    check(
      places.map(({ spec }) => spec),
      rows,
      isWhole,
    );
    places.forEach(({ spec, storage, offset }, i) => {
      view(storage, offset, bytesOf(spec)).set((rows[i] as SlotValues).values);
    });
    this.#pending = rows.slice(places.length);
  }

  /** Forgets everything. */
  release(): void {
    for (const list of this.#owned) for (const storage of list.splice(0)) storage.release();
    this.#owned.clear();
    for (const { variable } of this.#entries.splice(0)) {
      const v = variable.deref();
      if (v) this.#of.delete(v);
    }
    this.#pending = [];
  }
}

function filled(storage: Storage, { initial }: SlotSpec): Storage {
  view(storage, 0, storage.bytes).fill(initial);
  return storage;
}

/** @throws ArgumentError, ShapeError unless the first rows are for these slots, or all are if `isWhole` */
function check(specs: readonly SlotSpec[], rows: readonly SlotValues[], isWhole: boolean): void {
  if (rows.length < specs.length || (isWhole && rows.length > specs.length))
    throw new ArgumentError(`setWeights: the optimizer keeps ${specs.length} arrays, got ${rows.length}`);
  specs.forEach((spec, i) => {
    const { name, shape, values } = rows[i] as SlotValues;
    const slot = name.slice(name.lastIndexOf('/') + 1);
    if (slot !== spec.name)
      throw new ArgumentError(`setWeights: got '${name}' where the optimizer keeps '${spec.name}'`);
    if (!sameShape(shape, spec.shape) || values.length !== sizeOf(shape))
      throw new ShapeError(
        `setWeights: '${name}' must have shape ${showShape(spec.shape)}, got ${values.length} values for ${showShape(shape)}`,
      );
  });
}

/** The value at a location, as a tensor of a trace. */
export function placed(graph: Graph, place: Location, spec: TensorSpec): Tensor {
  const node = graph.constant(place, { shape: spec.shape, dtype: spec.dtype });
  return tensorOf(node);
}

/** Whether this call makes a step. */
export const gateOf = (graph: Graph, { cells }: Turn): Tensor =>
  placed(graph, { storage: cells, offset: StepCells.gate }, { shape: [], dtype: 'bool' });
