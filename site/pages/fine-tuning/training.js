/** What the page trains, and Node when the site is built: the example `fine-tuning`, on the digits of the other page. */
import { fineTune, readsAlready } from '../../../examples/fine-tuning/training.mjs';
import { part, TRAIN } from '../digit/training.js';

const COUNT = 1000;

/**
 * @param {typeof import('samegrad')} sg
 * @param {typeof import('samegrad/onnx')} onnx
 * @param {{ model: Uint8Array, characters: string, digits: Uint8Array }} files
 * @param {(told: object) => void} tell called after each epoch, and once before with how many are read already
 */
export async function run(sg, onnx, { model: bytes, characters, digits }, tell) {
  sg.setSeed(2023);
  const ocr = await onnx.load(bytes);
  const [train, test] = [part(sg, digits, 0, COUNT), part(sg, digits, TRAIN, COUNT)];
  const before = readsAlready(sg, ocr, test, characters.split('\n'));
  tell({ stage: 'before', accuracy: before });
  const { model, headAccuracy, accuracy } = await fineTune(sg, ocr, { train, test }, { head: 12, last: 1, tell });
  return { model, before, headAccuracy, accuracy };
}
