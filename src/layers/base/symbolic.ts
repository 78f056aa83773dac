/** Symbolic tensors: they connect layers before there is data. */
import { StateError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Tensor } from '../../tensor/tensor';
import type { Callable } from './call';
import type { PartialShape } from './shapes';

let count = 0;

/**
 * A placeholder in a model under construction: shape, type, and the call of a layer that will compute it. Made by
 * `sg.input` and by applying layers to other placeholders.
 */
export class SymbolicTensor {
  /** Unique number. */
  readonly id = count++;

  /** Users call `sg.input` and apply layers instead. @hidden */
  constructor(
    /** Shape with the batch; null where the size is not known yet. */
    readonly shape: PartialShape,
    /** Element type. */
    readonly dtype: DType,
    /** The call that computes it. @internal */
    readonly source: Connection,
    /** Its position among the outputs of the call. @internal */
    readonly index: number,
  ) {}

  /** Number of dimensions, batch included. */
  get rank(): number {
    return this.shape.length;
  }

  /** Name of the layer that computes it. */
  get name(): string {
    return this.source.layer.name;
  }

  /** The layer that computes it. */
  get sourceLayer(): Callable {
    return this.source.layer;
  }

  /** Which of the layer's calls computes it. */
  get nodeIndex(): number {
    return this.source.layer.connections.indexOf(this.source);
  }

  /** Its position among the outputs of the call. */
  get tensorIndex(): number {
    return this.index;
  }

  /** The placeholders that the layer was applied to. */
  get inputs(): readonly SymbolicTensor[] {
    return this.source.inputs;
  }
}

/** One call of a layer on placeholders. */
export class Connection {
  /** The placeholders that the call returned, in order. */
  outputs: readonly SymbolicTensor[] = [];

  constructor(
    readonly layer: Callable,
    readonly inputs: readonly SymbolicTensor[],
    /** Whether the layer takes, and returns, a list even if it has one entry. */
    readonly takesList: boolean,
    readonly givesList: boolean,
    /** Further arguments; symbolic tensors among them are also in `inputs`, after the others. */
    readonly settings: Readonly<Record<string, unknown>>,
  ) {}
}

/** One as it is, several as a list. */
const oneOrAll = (tensors: readonly SymbolicTensor[]): SymbolicOutput =>
  (tensors.length === 1 ? tensors[0] : [...tensors]) as SymbolicOutput;

/** Removes the call that computed a tensor; the output of an input layer has no call. */
export function forget(connections: Connection[], output: SymbolicTensor | undefined): void {
  const at = output?.source.inputs.length ? connections.indexOf(output.source) : -1;
  if (at >= 0) connections.splice(at, 1);
}

/** The inputs or outputs of a layer that was called once. @throws StateError otherwise */
export function onlyEnd(layer: Callable & { connections: readonly Connection[] }, end: 'inputs' | 'outputs') {
  const [connection, other] = layer.connections;
  if (!connection || other)
    throw new StateError(
      `${layer.name}: was called ${layer.connections.length} times on symbolic tensors; ${end} are known of one call`,
    );
  return oneOrAll(connection[end]);
}

/** Placeholders that a layer returns: one, or a list, where types cannot tell which. */
export type SymbolicOutput = SymbolicTensor | SymbolicTensor[];

/** What a layer returns for placeholders, by what its `call` returns: one for a tensor, a list for a list. */
export type SymbolicResult<R> = [R] extends [Tensor]
  ? SymbolicTensor
  : [R] extends [readonly Tensor[]]
    ? SymbolicTensor[]
    : SymbolicOutput;
