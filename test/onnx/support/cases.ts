/** ONNX' own backend cases in one file, as `scripts/evidence/onnx/cases.py` packs them: reading, running, comparing. */
import { loadSync } from '../../../src/onnx/load';
import type { OnnxTensor } from '../../../src/onnx/typed';

interface Stored {
  readonly name: string;
  readonly dtype: OnnxTensor['dtype'];
  readonly shape: readonly number[];
  /** Offset and length of the elements. */
  readonly at?: readonly [number, number];
  /** 'ramp': i / n as float32. */
  readonly fill?: string;
  readonly absent?: boolean;
}

export interface Case {
  readonly name: string;
  readonly ops: readonly string[];
  readonly tier: string;
  readonly suite: string;
  readonly opset: number;
  readonly rtol: number;
  readonly atol: number;
  readonly model: readonly [number, number];
  readonly sets: readonly { readonly inputs: readonly Stored[]; readonly outputs: readonly Stored[] }[];
  /** The expected values are rounding noise. */
  readonly noise?: boolean;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const;

/** A file of cases, unpacked. */
export class Cases {
  readonly list: readonly Case[];
  readonly #blobs: Uint8Array;

  constructor(file: Uint8Array) {
    const text = new TextDecoder();
    if (text.decode(file.subarray(0, 8)) !== 'ONNXCASE') throw new Error('not a file of cases');
    const length = new DataView(file.buffer, file.byteOffset).getUint32(8, true);
    this.list = (JSON.parse(text.decode(file.subarray(16, 16 + length))) as { cases: Case[] }).cases;
    this.#blobs = file.subarray(16 + length);
  }

  #bytes([from, length]: readonly [number, number]): Uint8Array {
    return this.#blobs.subarray(from, from + length);
  }

  model({ model }: Case): Uint8Array {
    return this.#bytes(model);
  }

  tensor({ dtype, shape, at, fill }: Stored): OnnxTensor {
    const size = shape.reduce((n, d) => n * d, 1);
    if (fill) return { dtype, shape, data: Float32Array.from({ length: size }, (_, i) => i / size) };
    const View = ARRAYS[dtype as keyof typeof ARRAYS];
    if (!View) throw new Error(`no array for ${dtype}`);
    return { dtype, shape, data: new View(this.#bytes(at ?? [0, 0]).slice().buffer) };
  }
}

/** As numpy's assert_allclose: why an output is wrong; undefined: it is right. */
export function difference(out: OnnxTensor, want: OnnxTensor, rtol: number, atol: number): string | undefined {
  if (out.dtype !== want.dtype) return `dtype ${out.dtype}, not ${want.dtype}`;
  if (String(out.shape) !== String(want.shape)) return `shape [${String(out.shape)}], not [${String(want.shape)}]`;
  for (let i = 0; i < want.data.length; i++) {
    const [a, e] = [out.data[i], want.data[i]];
    if (a === e) continue;
    const [x, y] = [Number(a), Number(e)];
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    if (!(Math.abs(x - y) <= atol + rtol * Math.abs(y))) return `[${i}] ${x}, not ${y}`;
  }
  return undefined;
}

/** Operators that compute something else each time. */
const RANDOM: ReadonlySet<string> = new Set(['Bernoulli', 'Dropout']);

/** What a case gives. */
export interface Outcome {
  /** Why it fails; undefined: it passes. */
  readonly fault?: string;
  readonly outputs: readonly OnnxTensor[];
}

export function runCase(cases: Cases, one: Case): Outcome {
  const outputs: OnnxTensor[] = [];
  let model: ReturnType<typeof loadSync> | undefined;
  try {
    model = loadSync(cases.model(one));
    for (const { inputs, outputs: wanted } of one.sets) {
      const given = inputs.filter((t) => !t.absent);
      const feeds = Object.fromEntries(given.map((t) => [t.name, cases.tensor(t)]));
      const results = model.run(feeds);
      // The second time shapes come the graph is compiled.
      const again = one.ops.some((op) => RANDOM.has(op)) ? results : model.run(feeds);
      for (const want of wanted) {
        if (want.absent) continue;
        const out = results[want.name] as OnnxTensor;
        outputs.push(out);
        const fault = difference(out, cases.tensor(want), one.rtol, one.atol);
        if (fault) return { fault: `${want.name}: ${fault}`, outputs };
        const compiled = again[want.name] as OnnxTensor;
        if (!Array.from<unknown>(out.data).every((v, i) => Object.is(v, compiled.data[i])))
          return { fault: `${want.name}: other bits when it is compiled`, outputs };
      }
    }
    return { outputs };
  } catch (error) {
    return { fault: error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error), outputs };
  } finally {
    model?.dispose();
  }
}
