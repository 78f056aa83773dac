/** What the main entry has of graph models; the rest is loaded when it is used. */
import type { IOHandler, IOHandlerSync } from '../io/artifacts';
import type { GraphModel } from './core/model';
import type { GraphLoadOptions } from './load';

/**
 * Loads a graph model of TensorFlow.js: a `model.json` with the nodes of a frozen graph, and its weights, quantized or
 * not. Unknown operators are listed at once.
 * @param source a path (Node, Deno, Bun) or URL of `model.json` (`file://`, `http://`, `https://`, `indexeddb://`,
 * `localstorage://`, in pages also relative), or a handler of `sg.io`.
 * @param options settings of the requests, as for `sg.loadModel`; fromTFHub false by default
 * @returns a model that predicts, runs to any node, and can be trained further
 * @throws FormatError for damaged files; RuntimeSupportError for operators that cannot run; ArgumentError if there is
 * nothing, or a model of layers
 * @example
 * const modelTopology = {
 *   node: [
 *     { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { unknownRank: true } } } },
 *     { name: 'y', op: 'Relu', input: ['x'], attr: { T: { type: 'DT_FLOAT' } } },
 *   ],
 * };
 * const model = await sg.loadGraphModel(sg.io.fromMemory({ modelTopology }));
 * model.predict(sg.tensor1d([1, -2])).dataSync(); // [1, 0]
 */
export async function loadGraphModel(
  source: string | IOHandler | IOHandlerSync,
  options?: GraphLoadOptions | null,
): Promise<GraphModel> {
  return (await import('./index')).loadGraphModel(source, options);
}
