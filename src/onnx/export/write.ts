/** Writes models and functions as files of ONNX: traces, one graph of them, nodes, bytes. */
import { show, within } from '../../support/arguments';
import { ArgumentError, SamegradError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { encodeModel } from '../proto/model';
import { joined } from '../proto/wire';
import { assemble, type External } from './assemble';
import { Operand, type Value } from './call';
import { GraphBuilder } from './graph';
import { samplesFor } from './numbers';
import type { OnnxExportOptions, OnnxFiles } from './options';
import { type OnnxSource, type Source, shapeAt, sourceOf } from './source';
import { type Trace, traceCall } from './trace';
import { unify } from './unify';
import { Writer } from './writer';

const OPTIONS = { inputs: is.anything(), inputShapes: is.anything(), externalData: is.text() };

/**
 * An error of a trace: where dimensions are open, it may be about sizes that stand for them.
 * @throws ArgumentError with the mend, or the error itself
 */
function refuse(error: unknown, { open }: Source, point: readonly number[]): never {
  if (open.length === 0 || !(error instanceof SamegradError) || error instanceof ArgumentError) throw error;
  const sizes = open.map(({ name }, i) => `'${name}' = ${point[i]}`).join(', ');
  throw new ArgumentError(
    `toONNX: it does not take ${sizes}, which stand for open dimensions: ${error.message}; if other sizes fit, give these dimensions a fixed size with the option inputShapes`,
    { cause: error },
  );
}

/** One trace for each point; their graphs are released when the model is written. */
function tracesOf(source: Source, points: readonly (readonly number[])[], outputs: string[]): Trace[] {
  const traces: Trace[] = [];
  let at: readonly number[] = [];
  try {
    for (const point of points) {
      at = point;
      const specs = source.ports.map((port) => ({ shape: shapeAt(port, point), dtype: port.dtype }));
      traces.push(
        traceCall(specs, (xs) => {
          const results = source.call(xs);
          if (traces.length === 0) outputs.push(...results.map(([name]) => name));
          return results.map(([, value]) => value);
        }),
      );
    }
    return traces;
  } catch (error) {
    for (const { graph } of traces) graph.release();
    return refuse(error, source, at);
  }
}

/** Results get their names; one that is no node's own passes through one. */
function nameOutputs(graph: GraphBuilder, values: readonly Value[], names: readonly string[]): void {
  values.forEach((value, i) => {
    const isOwn = value.source !== undefined && !graph.outputs.includes(value);
    const own = isOwn ? value : graph.node('Identity', [value], value);
    own.name = names[i] as string;
    graph.outputs.push(own);
  });
}

function graphOf(source: Source, external: External | undefined): readonly Uint8Array[] {
  const samples = samplesFor(source.open.length);
  const outputs: string[] = [];
  const traces = tracesOf(source, samples.points, outputs);
  try {
    const unified = unify(
      traces,
      samples,
      source.open.map(({ name }) => name),
    );
    const graph = new GraphBuilder(source.open);
    const writer = new Writer(graph, source.names);
    source.ports.forEach(({ name, dtype, shape }, i) => {
      writer.set(unified.inputs[i] as (typeof unified.inputs)[number], new Operand(graph.input(name, shape, dtype)));
    });
    const values = writer.write(unified.steps, unified.outputs);
    writer.check();
    nameOutputs(graph, values, outputs);
    return encodeModel(assemble(graph, source.open, source.name, external));
  } finally {
    for (const { graph } of traces) graph.release();
  }
}

/** What a file beside the model may be called: readers refuse paths that lead elsewhere. */
const isFileName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);

/** @throws as `toONNX` */
export function write(model: OnnxSource, options: OnnxExportOptions | null | undefined): OnnxFiles {
  const { inputs, inputShapes, externalData } = is.checked('toONNX', OPTIONS, options) as OnnxExportOptions;
  if (typeof externalData === 'string' && !isFileName(externalData))
    throw new ArgumentError(
      `toONNX: externalData must be the name of a file beside the model, got ${show(externalData)}`,
    );
  const external: External | undefined = externalData ? { name: externalData, pieces: [], length: 0 } : undefined;
  const pieces = within('toONNX', () => tidy(() => graphOf(sourceOf(model, inputs, inputShapes), external)));
  return { model: joined(pieces), ...(external && { externalData: joined(external.pieces) }) };
}
