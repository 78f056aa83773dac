/** The selection of ONNX' backend cases as a program for every runtime: how many pass, and a hash of all outputs. */
import { setSeed } from '../../../src/index';
import { type OnnxTensor, prepare } from '../../../src/onnx/index';
import file from '../../fixtures/onnx-cases.bin.gz';
import { Cases, runCase } from '../../onnx/support/cases';
import { sharing } from './sharing';

/** Magnitudes above these are NaN, whose payload is unspecified. */
const INFINITE: Readonly<Record<string, number>> = { float16: 0x7c00, bfloat16: 0x7f80 };

/** Exact: a number's text reads as the same number. */
function textOf({ dtype, shape, data }: OnnxTensor): string {
  const highest = INFINITE[dtype] ?? Number.NaN;
  const texts = Array.from(data as ArrayLike<unknown>, (v) => {
    if (typeof v === 'string') return JSON.stringify(v);
    if (typeof v === 'number' && (v & 0x7fff) > highest) return 'NaN';
    return Object.is(v, -0) ? '-0' : String(v);
  });
  return `${dtype} [${shape.join()}] ${texts.join()}\n`;
}

export interface Score {
  readonly passed: number;
  readonly cases: number;
  /** SHA-256 of all outputs, those of failing cases too. */
  readonly outputs: string;
}

export async function scoreOnnx(threads: number): Promise<Score> {
  setSeed(42);
  await prepare();
  const cases = new Cases(file);
  const ran = await sharing(threads, () => cases.list.map((one) => ({ name: one.name, ...runCase(cases, one) })));
  const text = ran.map(({ name, outputs }) => `${name}\n${outputs.map(textOf).join('')}`).join('');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return {
    passed: ran.filter(({ fault }) => fault === undefined).length,
    cases: ran.length,
    outputs: Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join(''),
  };
}
