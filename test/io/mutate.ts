/** Damages that files suffer: seeded. */

/** Numbers of [0, 1). */
type Random = () => number;

/** Text that parsers stumble over. */
const ODD = ['null', '-1', '1e308', '9007199254740993', '""', '{}', '[]', 'true', '__proto__', 'constructor', '\u0000'];

/** One damage, or several, in a copy of some bytes. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const below = (n: number): number => Math.floor(random() * n);
  let out = bytes.slice();
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(Math.max(1, out.length));
    const length = 1 + below(16);
    switch (below(6)) {
      case 0:
        out[at] = (out[at] as number) ^ (1 << below(8));
        break;
      case 1:
        out[at] = below(256);
        break;
      case 2:
        out = out.slice(0, at);
        break;
      case 3:
        out = joined(out.subarray(0, at), out.subarray(at + length));
        break;
      case 4:
        out = joined(out.subarray(0, at), out.subarray(at, at + length), out.subarray(at));
        break;
      default: {
        const odd = new TextEncoder().encode(ODD[below(ODD.length)]);
        // Where a value of JSON begins, if there is one near.
        const colon = out.indexOf(0x3a, at);
        const end = colon < 0 ? -1 : out.findIndex((b, i) => i > colon && (b === 0x2c || b === 0x7d || b === 0x5d));
        out =
          end < 0
            ? joined(out.subarray(0, at), odd, out.subarray(at))
            : joined(out.subarray(0, colon + 1), odd, out.subarray(end));
      }
    }
  }
  return out;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
