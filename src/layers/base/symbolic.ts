/** What layers are connected by before there is data: symbolic tensors. */
import { StateError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import type { Callable } from './call';
import type { PartialShape } from './shapes';

let count = 0;

/** A value of a model to be: its shape and type, and the call of a layer that gives it. Made by `sg.input` and `apply`. */
export class SymbolicTensor {
  readonly id = count++;

  constructor(
    readonly shape: PartialShape,
    readonly dtype: DType,
    readonly source: Connection,
    /** Which of the layer's results it is. */
    readonly index: number,
  ) {}

  get rank(): number {
    return this.shape.length;
  }

  get name(): string {
    return this.source.layer.name;
  }

  /** The layer that gives it. */
  get sourceLayer(): Callable {
    return this.source.layer;
  }

  /** Which of the layer's calls gives it. */
  get nodeIndex(): number {
    return this.source.layer.connections.indexOf(this.source);
  }

  /** Which of the call's results it is. */
  get tensorIndex(): number {
    return this.index;
  }

  /** What the call was given. */
  get inputs(): readonly SymbolicTensor[] {
    return this.source.inputs;
  }
}

/** One call of a layer on symbolic tensors. */
export class Connection {
  /** What the call gives, in order. */
  outputs: readonly SymbolicTensor[] = [];

  constructor(
    readonly layer: Callable,
    readonly inputs: readonly SymbolicTensor[],
    /** Whether the layer was given, and gives, a list even if it holds one tensor. */
    readonly takesList: boolean,
    readonly givesList: boolean,
    /** Further arguments; symbolic tensors among them stand in `inputs` too, behind the others. */
    readonly settings: Readonly<Record<string, unknown>>,
  ) {}
}

/** One as it is, several as a list. */
const oneOrAll = (tensors: readonly SymbolicTensor[]): SymbolicOutput =>
  (tensors.length === 1 ? tensors[0] : [...tensors]) as SymbolicOutput;

/** Takes back the call that gave a tensor; that an input layer gives one is no call. */
export function forget(connections: Connection[], output: SymbolicTensor | undefined): void {
  const at = output?.source.inputs.length ? connections.indexOf(output.source) : -1;
  if (at >= 0) connections.splice(at, 1);
}

/** What a layer takes, or gives, where it was called once. @throws StateError otherwise */
export function onlyEnd(layer: Callable & { connections: readonly Connection[] }, end: 'inputs' | 'outputs') {
  const [connection, other] = layer.connections;
  if (!connection || other)
    throw new StateError(
      `${layer.name}: was called ${layer.connections.length} times on symbolic tensors; ${end} are known of one call`,
    );
  return oneOrAll(connection[end]);
}

/**
 * What a layer gives for symbolic tensors: one, or a list if its settings ask for several results (`returnState`,
 * `returnAttentionScores`). Types cannot tell the settings, so this is both to them.
 */
export type SymbolicOutput = SymbolicTensor & SymbolicTensor[];
