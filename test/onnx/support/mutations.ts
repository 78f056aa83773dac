/** Cases as attackers write them: bytes and messages of models, changed by seed. */
import { loadSync, type OnnxTensor } from '../../../src/onnx/index';
import { decodeModel, encodeModel } from '../../../src/onnx/proto/model';
import type { ModelProto } from '../../../src/onnx/proto/schema';
import { joined } from '../../../src/onnx/proto/wire';
import { SamegradError } from '../../../src/support/errors';
import { generator } from '../../graph/mutations';
import type { Case, Cases } from './cases';

const STRANGE: readonly unknown[] = [-1, 0, 1, 7, 64, 1e9, 2 ** 31, 9223372036854775807n, '', 'x', 'Y', [], {}];

/** Holder, key, and the field of the message; items of a list are of the list's field. */
type Place = [Record<string, unknown>, string, string];

/** Fields that are written as floats, which no integer of 64 bits is. */
const FLOATS: ReadonlySet<string> = new Set(['f', 'floats', 'floatData', 'doubleData']);

function placesOf(value: unknown, out: Place[] = [], field = ''): Place[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return out;
  for (const key of Object.keys(value)) {
    const own = Array.isArray(value) ? field : key;
    out.push([value as Record<string, unknown>, key, own]);
    placesOf((value as Record<string, unknown>)[key], out, own);
  }
  return out;
}

/** Of the same kind as what was there, as the table of the message would read it. */
function strange(old: unknown, field: string, pick: <T>(list: readonly T[]) => T): unknown {
  const kind = typeof old === 'bigint' ? 'number' : typeof old;
  const isList = Array.isArray(old);
  if (ArrayBuffer.isView(old)) return old;
  const fitting = STRANGE.filter((v) =>
    isList ? Array.isArray(v) : (typeof v === 'bigint' ? 'number' : typeof v) === kind && !Array.isArray(v),
  );
  const made = fitting.length ? structuredClone(pick(fitting)) : old;
  return typeof made === 'bigint' && FLOATS.has(field) ? Number(made) : made;
}

/** Changes a few places of a message. */
function changed(model: ModelProto, random: () => number): Uint8Array {
  const copy = structuredClone(model);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const [holder, key, field] = pick(placesOf(copy));
    const [other, otherKey] = pick(placesOf(copy));
    const kind = random();
    if (kind < 0.4) holder[key] = strange(holder[key], field, pick);
    else if (kind < 0.6 && !Array.isArray(holder)) delete holder[key];
    else if (typeof holder[key] === typeof other[otherKey] && key === otherKey)
      holder[key] = structuredClone(other[otherKey]);
    else if (Array.isArray(holder)) holder.reverse();
  }
  return joined(encodeModel(copy));
}

function flipped(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice(0, random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length);
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}

/** What came of a model: nothing but a typed error, or results. */
export interface Outcome {
  readonly kind: 'ran' | 'refused' | 'wrong';
  readonly error?: unknown;
}

function attempt(bytes: Uint8Array, feeds: Readonly<Record<string, OnnxTensor>>): Outcome {
  let model: ReturnType<typeof loadSync> | undefined;
  try {
    model = loadSync(bytes);
    model.run(feeds);
    return { kind: 'ran' };
  } catch (error) {
    return { kind: error instanceof SamegradError ? 'refused' : 'wrong', error };
  } finally {
    model?.dispose();
  }
}

/** Runs changed cases; tells of each what came of it, and how many milliseconds it took. */
export function mutations(
  cases: Cases,
  seed: number,
  count: number,
  tell: (outcome: Outcome, took: number, name: string) => void,
): void {
  const random = generator(seed);
  for (let i = 0; i < count; i++) {
    const one = cases.list[Math.floor(random() * cases.list.length)] as Case;
    const bytes = cases.model(one);
    const isFlipped = random() < 0.3;
    const wrong = isFlipped ? flipped(bytes, random) : changed(decodeModel(bytes), random);
    const inputs = one.sets[0]?.inputs.filter((t) => !t.absent) ?? [];
    const feeds = Object.fromEntries(inputs.map((t) => [t.name, cases.tensor(t)]));
    const from = performance.now();
    const outcome = attempt(wrong, feeds);
    tell(outcome, performance.now() - from, one.name);
  }
}
