/** The graph of a functional model: the calls from inputs to outputs, in order. */
import type { CallArgs, Mask } from '../../layers/base/call';
import type { Layer } from '../../layers/base/layer';
import { listOf } from '../../layers/base/shapes';
import { type Connection, SymbolicTensor } from '../../layers/base/symbolic';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { Tensor } from '../../tensor/tensor';

/** Calls between inputs and outputs, each after those it needs. */
export interface CallGraph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly calls: readonly Connection[];
  /** Layers as Keras lists them: those furthest from the outputs first. */
  readonly layers: readonly Layer[];
}

/** Symbolic tensors that a call reads: its inputs and those among its settings. */
const reads = (call: Connection): readonly SymbolicTensor[] => [
  ...call.inputs,
  ...Object.values(call.settings)
    .flatMap((v) => listOf(v))
    .filter((v) => v instanceof SymbolicTensor),
];

/** @throws ArgumentError if an output cannot be computed from the inputs, or two layers have one name */
export function traceCalls(
  where: string,
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): CallGraph {
  const calls = callsTo(where, inputs, outputs);
  const all = [...inputs.map((x) => x.source), ...calls];
  const depths = depthsOf(all);
  const layers = [...depths.keys()].sort((a, b) => (depths.get(b) as number) - (depths.get(a) as number));
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) throw new ArgumentError(`${where}: two layers are named '${name}'; names must differ`);
    names.add(name);
  }
  return { inputs, outputs, calls, layers: Object.freeze(layers) };
}

/** The calls that lead to the outputs, each after those it needs; however long the chain. */
function callsTo(where: string, inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): Connection[] {
  const calls: Connection[] = [];
  const seen = new Set<Connection>();
  const isInput = new Set(inputs);
  const path: { readonly call: Connection; readonly left: SymbolicTensor[] }[] = [];
  const enter = (x: SymbolicTensor): void => {
    if (isInput.has(x) || seen.has(x.source)) return;
    seen.add(x.source);
    const left = [...reads(x.source)].reverse();
    if (left.length === 0)
      throw new ArgumentError(
        `${where}: the outputs need input '${x.name}', which is not among the model's inputs (${inputs.map((i) => i.name).join(', ')})`,
      );
    path.push({ call: x.source, left });
  };
  for (const output of outputs) {
    enter(output);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const next = last.left.pop();
      if (next) enter(next);
      else calls.push((path.pop() as typeof last).call);
    }
  }
  return calls;
}

/** For each layer the largest number of calls from its own call to the end; in the order of the first call. */
function depthsOf(calls: readonly Connection[]): Map<Layer, number> {
  const ofCall = new Map<Connection, number>();
  for (const call of [...calls].reverse()) {
    const own = ofCall.get(call) ?? 0;
    ofCall.set(call, own);
    for (const x of reads(call)) ofCall.set(x.source, Math.max(ofCall.get(x.source) ?? 0, own + 1));
  }
  const ofLayer = new Map<Layer, number>();
  for (const call of calls) {
    const layer = call.layer as Layer;
    ofLayer.set(layer, Math.max(ofLayer.get(layer) ?? 0, ofCall.get(call) ?? 0));
  }
  return ofLayer;
}

interface Known {
  readonly value: Tensor;
  readonly mask: Mask;
}

/** Makes the calls on real or traced tensors. */
export function runCalls(
  graph: CallGraph,
  inputs: readonly Tensor[],
  args: CallArgs,
): { outputs: Tensor[]; masks: Mask[] } {
  const masks = listOf(args.mask);
  const known = new Map<SymbolicTensor, Known>(
    graph.inputs.map((x, i) => [x, { value: inputs[i] as Tensor, mask: masks[i] as Mask }]),
  );
  const at = (x: SymbolicTensor): Known => known.get(x) as Known;
  const real = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(real) : value instanceof SymbolicTensor ? at(value).value : value;
  for (const call of graph.calls) {
    const values = call.inputs.map((x) => at(x).value);
    const own = call.inputs.map((x) => at(x).mask);
    const settings = Object.fromEntries(Object.entries(call.settings).map(([k, v]) => [k, real(v)]));
    const result = call.layer.invoke(call.takesList ? values : (values[0] as Tensor), {
      training: args.training ?? false,
      mask: call.takesList ? own : own[0],
      ...settings,
    });
    const [outs, outMasks] = [listOf(result.outputs), listOf(result.mask)];
    call.outputs.forEach((x, i) => {
      known.set(x, { value: outs[i] as Tensor, mask: outMasks[i] });
    });
  }
  return { outputs: graph.outputs.map((x) => at(x).value), masks: graph.outputs.map((x) => at(x).mask) };
}

/** A model's layer by its name or its position. @throws ArgumentError */
export function findLayer(
  model: { readonly name: string; readonly layers: readonly Layer[] },
  nameOrIndex: string | number | null | undefined,
): Layer {
  if (nameOrIndex === null || nameOrIndex === undefined)
    throw new ArgumentError(`${model.name}: getLayer needs the name or the position of a layer`);
  const layer =
    typeof nameOrIndex === 'number' ? model.layers[nameOrIndex] : model.layers.find((l) => l.name === nameOrIndex);
  if (!layer)
    throw new ArgumentError(
      `${model.name}: no layer ${show(nameOrIndex)}; there are ${model.layers.map((l) => l.name).join(', ')}`,
    );
  return layer;
}

/** The parts of a model that are needed to run some of its layers. */
interface Connected {
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly layers: readonly Layer[];
}

/** The values of named symbolic tensors of a model, for real or traced inputs. @throws ArgumentError */
export function runPart(model: Connected, names: readonly string[], inputs: readonly Tensor[]): Tensor[] {
  const where = `${model.name}: execute`;
  if (names.length === 0) throw new ArgumentError(`${where}: needs the name of at least one output`);
  const { calls } = traceCalls(where, model.inputs, model.outputs);
  const symbols = [...model.inputs, ...calls.flatMap((call) => call.outputs)];
  // Holes of a list too.
  const wanted = Array.from(names, (name) => {
    const found = symbols.filter((x) => x.name === name);
    const [symbol, other] = found;
    if (!symbol)
      throw new ArgumentError(
        `${where}: nothing is named ${show(name)}; there are ${symbols.map((x) => x.name).join(', ')}`,
      );
    if (other) throw new ArgumentError(`${where}: '${name}' has several outputs; make a model of the one you want`);
    return symbol;
  });
  return runCalls(traceCalls(where, model.inputs, wanted), inputs, { training: false }).outputs;
}
