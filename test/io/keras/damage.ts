/** Damaged files of Keras: bytes changed, cut off, repeated; settings of configurations replaced. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate/browser';

/** Numbers in [0, n), the same for the same seed. */
export function randomOf(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
}

type Random = ReturnType<typeof randomOf>;

/** Bytes that are often wrong: ends of ranges. */
const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** A copy with a few changes. */
export function damagedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  for (let left = 1 + random(4); left > 0; left--) {
    const at = random(copy.length);
    const length = 1 + random(8);
    switch (random(5)) {
      case 0:
        copy[at] = EDGES[random(EDGES.length)] as number;
        break;
      case 1:
        copy[at] = random(256);
        break;
      case 2:
        copy.fill(EDGES[random(EDGES.length)] as number, at, at + length);
        break;
      case 3:
        copy.copyWithin(at, random(copy.length), random(copy.length));
        break;
      default:
        if (random(4) === 0) return copy.subarray(0, at);
        copy[at] = (copy[at] as number) ^ (1 << random(8));
    }
  }
  return copy;
}

/** Values that no setting should have, or that are too large. */
const VALUES: readonly unknown[] = [
  null,
  -1,
  0,
  1,
  2 ** 31,
  2 ** 53,
  1e300,
  0.5,
  '',
  'x',
  [],
  {},
  [[]],
  true,
  [null],
  '__proto__',
  { class_name: 'Dense' },
];

/** A copy of JSON with one value replaced, left out, or moved elsewhere. */
export function damagedJSON(value: unknown, random: Random): unknown {
  const copy = structuredClone(value);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (v: unknown): void => {
    if (typeof v !== 'object' || v === null) return;
    for (const key of Object.keys(v)) {
      places.push({ holder: v as Record<string, unknown>, key });
      visit((v as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  for (let left = 1 + random(2); left > 0; left--) {
    const { holder, key } = places[random(places.length)] as (typeof places)[number];
    const other = places[random(places.length)] as (typeof places)[number];
    const kind = random(4);
    if (kind === 0) delete holder[key];
    else if (kind === 1) holder[key] = structuredClone(other.holder[other.key]);
    else holder[key] = VALUES[random(VALUES.length)];
  }
  return copy;
}

/** A `.keras` file whose parts are damaged, with right checksums. */
export function damagedArchive(bytes: Uint8Array, random: Random): Uint8Array {
  const files = unzipSync(bytes);
  const name = ['config.json', 'model.weights.h5', 'metadata.json'][
    random(8) < 4 ? 0 : random(8) < 7 ? 1 : 2
  ] as string;
  const part = files[name];
  if (!part) return bytes;
  (files as Record<string, Uint8Array>)[name] = name.endsWith('.h5')
    ? damagedBytes(part, random)
    : strToU8(JSON.stringify(damagedJSON(JSON.parse(strFromU8(part)), random)));
  if (random(50) === 0) delete files[name];
  return zipSync(files, { level: random(2) ? 0 : 1, mtime: new Date(1980, 0, 1) });
}
