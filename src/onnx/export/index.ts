/** Models and functions as files of ONNX. What writes them is loaded when it is used. */
import { schemeOf } from '../../io/storage/router';
import { checkText, show, withinAsync } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { OnnxExportOptions, OnnxFiles } from './options';
import type { OnnxSource } from './source';

export type { OnnxExportOptions, OnnxFiles } from './options';
export type { OnnxDim, OnnxFunctionInput, OnnxSource } from './source';

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
 * const bytes = await onnx.toONNX(model);
 * const half = await onnx.toONNX((x) => x.div(2), { inputs: [['batch', 3]] });
 */
export function toONNX(model: OnnxSource, options: OnnxExportOptions & { externalData: string }): Promise<OnnxFiles>;
export function toONNX(model: OnnxSource, options?: OnnxExportOptions | null): Promise<Uint8Array>;
export async function toONNX(model: OnnxSource, options?: OnnxExportOptions | null): Promise<Uint8Array | OnnxFiles> {
  const files = (await import('./write')).write(model, options);
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
    const files = (await import('./write')).write(model, options);
    const { writeFile } = await import('../../io/storage/places');
    // The model last: it is never there without its tensors.
    if (files.externalData)
      await writeFile(beside(file, options?.externalData as string), files.externalData, 'onnx.save');
    await writeFile(file, files.model, 'onnx.save');
  });
}

/** The path of a file in the folder of another one. */
const beside = (path: string, name: string): string => path.replace(/[^/\\]*$/, name);
