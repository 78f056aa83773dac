/** Writes models and functions as files of ONNX: traces, one graph of them, nodes, bytes. */
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import { encodeModel } from '../proto/model';
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

/** One trace for each point; their graphs are released when the model is written. */
function tracesOf(source: Source, points: readonly (readonly number[])[], outputs: string[]): Trace[] {
  const traces: Trace[] = [];
  try {
    for (const point of points) {
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
    throw error;
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

/** The pieces as one block. */
const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
};

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
