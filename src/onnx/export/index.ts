/** Models and functions as files of ONNX: `toONNX`, `save`. */

import { schemeOf } from '../../io/storage/router';
import { checkText, show, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { checked, text } from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { encodeModel } from '../proto/model';
import { assemble, type External } from './assemble';
import { Operand, type Value } from './call';
import { GraphBuilder } from './graph';
import { samplesFor } from './numbers';
import { type OnnxDim, type OnnxFunctionInput, type OnnxSource, type Source, shapeAt, sourceOf } from './source';
import { type Trace, traceCall } from './trace';
import { unify } from './unify';
import { Writer } from './writer';

export type { OnnxDim, OnnxFunctionInput, OnnxSource } from './source';

/** Settings of `toONNX`. */
export interface OnnxExportOptions {
  /** Of a function: its inputs, each a shape, a tensor like it, or { shape, dtype, name }. */
  inputs?: readonly (readonly OnnxDim[] | OnnxFunctionInput | Tensor)[] | null;
  /**
   * Of a model: sizes and names for dimensions that are not known, a shape for each input or an object by name. By default
   * they stay open; equal names mean equal sizes.
   */
  inputShapes?:
    | readonly OnnxDim[]
    | readonly (readonly OnnxDim[])[]
    | Readonly<Record<string, readonly OnnxDim[]>>
    | null;
  /** Name of a file for the larger tensors, which are then not in the model's own; by default they are. */
  externalData?: string | null;
}

/** A file of ONNX and the file with its tensors, if they are outside of it. */
export interface OnnxFiles {
  /** The model. */
  readonly model: Uint8Array;
  /** The tensors, for a file of the name that `externalData` gave, beside the model. */
  readonly externalData?: Uint8Array;
}

const OPTIONS = { inputs: is.anything(), inputShapes: is.anything(), externalData: text() };

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

function write(source: Source, external: External | undefined): readonly Uint8Array[] {
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

/** Bytes in pieces, for files that are written piece by piece. */
function exported(model: OnnxSource, options: OnnxExportOptions | null | undefined): OnnxFiles {
  const { inputs, inputShapes, externalData } = checked('toONNX', OPTIONS, options) as OnnxExportOptions;
  if (typeof externalData === 'string' && !isFileName(externalData))
    throw new ArgumentError(
      `toONNX: externalData must be the name of a file beside the model, got ${show(externalData)}`,
    );
  const external: External | undefined = externalData ? { name: externalData, pieces: [], length: 0 } : undefined;
  const pieces = tidy(() => write(sourceOf(model, inputs, inputShapes), external));
  return { model: joined(pieces), ...(external && { externalData: joined(external.pieces) }) };
}

/**
 * A model or function as a file of ONNX: opset 18 of ai.onnx, for `onnx.load`, onnxruntime and other tools. What is written
 * is what `predict` computes: a graph of operators, whose weights keep their names. Dimensions that are not known, first of
 * all the batch, stay open.
 * @param model a layers model, a graph model, a quantized model, or a function of tensors, for which `inputs` is needed.
 * @returns the bytes of the file; with `externalData` those of both files
 * @throws ArgumentError that lists every layer with an op that has no form in ONNX; ArgumentError for layers that depend on
 * sizes in another way than by whole multiples, with the mend
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [4] })] });
 * const bytes = onnx.toONNX(model);
 * const half = onnx.toONNX((x) => x.div(2), { inputs: [['batch', 3]] });
 */
export function toONNX(model: OnnxSource, options: OnnxExportOptions & { externalData: string }): OnnxFiles;
export function toONNX(model: OnnxSource, options?: OnnxExportOptions | null): Uint8Array;
export function toONNX(model: OnnxSource, options?: OnnxExportOptions | null): Uint8Array | OnnxFiles {
  const files = exported(model, options);
  return files.externalData ? files : files.model;
}

/**
 * Writes a model or function to a file of ONNX; see `toONNX`.
 * @param path of the file, in Node, Deno and Bun; elsewhere `toONNX` returns the bytes. With `externalData` the tensors are
 * written beside it.
 * @throws as `toONNX`; ArgumentError for a path that cannot be written; RuntimeSupportError where there are no files
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [4] })] });
 * // await onnx.save(model, 'model.onnx');
 */
export function save(model: OnnxSource, path: string, options?: OnnxExportOptions | null): Promise<void> {
  return withinAsync('onnx.save', async () => {
    const file = checkText(path, 'onnx.save', 'path');
    const scheme = schemeOf(file);
    if (scheme !== undefined && scheme !== 'file')
      throw new ArgumentError(
        `path must be that of a file, got ${show(path)}; toONNX returns the bytes for any other place`,
      );
    const files = exported(model, options);
    const { writeFile } = await import('../../io/storage/places');
    // The model last: it is never there without its tensors.
    if (files.externalData)
      await writeFile(beside(file, options?.externalData as string), files.externalData, 'onnx.save');
    await writeFile(file, files.model, 'onnx.save');
  });
}

/** The path of a file in the folder of another one. */
const beside = (path: string, name: string): string => path.replace(/[^/\\]*$/, name);
