/** Wrong and half-right arguments. */
import * as sg from '../../src/index';

export type Draw = () => number;

export const pick = <T>(draw: Draw, list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;

/** Tensors whose content is known: whatever is called, it has to stay. */
export class Canaries {
  readonly #tensors: readonly sg.Tensor[] = [
    sg.tensor([1.5]).reshape([]),
    sg.tensor([3, -1]),
    sg.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    sg.tensor([2, 0], undefined, 'int32'),
    sg.tensor([true, false, true]),
    sg.zeros([0]),
    sg.tensor(
      Array.from({ length: 16 }, (_, i) => i / 4),
      [1, 2, 2, 4],
    ),
  ];
  readonly #content = this.#tensors.map((t) => t.dataSync().join());

  /** Another handle on one of them. */
  draw(draw: Draw): sg.Tensor {
    return pick(draw, this.#tensors).clone();
  }

  /** What is no longer as it was; undefined if all is. */
  fault(): string | undefined {
    for (const [i, t] of this.#tensors.entries()) {
      if (t.isDisposed) return `a tensor of ${t.shape} was disposed of`;
      if (t.dataSync().join() !== this.#content[i]) return `a tensor of ${t.shape} has become ${t.dataSync().join()}`;
    }
    return undefined;
  }

  /** Whether ops still compute what they should in memory that is new. */
  sum(): number {
    return sg.tidy(() => (this.#tensors[2] as sg.Tensor).mul(2).add(1).sum().dataSync()[0] as number);
  }

  dispose(): void {
    sg.dispose(this.#tensors);
  }
}

class Strange {
  readonly shape = [2];
  length = 2;
}

const cycle = (): unknown[] => {
  const list: unknown[] = [];
  list.push(list);
  return list;
};

const NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -0,
  0,
  1,
  2,
  3,
  7,
  0.5,
  -0.5,
  2.5,
  1e12,
  -1e12,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  1e308,
  5e-324,
];
const TEXTS = [
  '',
  ' ',
  'abc',
  '3',
  'float32',
  'int32',
  'string',
  'same',
  'NaN',
  'constructor',
  '__proto__',
  '💥',
  '[1]',
];
const PLAIN: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => 5n,
  () => Symbol('s'),
  () => [],
  () => [[]],
  () => [1],
  () => [1, 2],
  () => [0.5, -1],
  () => [Number.NaN, 2],
  () => [2 ** 31, 2 ** 31],
  () => [1e12],
  () => ['a', 'b'],
  () => [null],
  () => [1, undefined],
  () => [1n],
  () => [Symbol('t'), 1],
  () => [[1, 2], [3]],
  () => [[1], 2],
  () => [1, [2]],
  () => [{}],
  () => [true, 2],
  () => new Array(3),
  cycle,
  () => ({}),
  () => ({ a: 1 }),
  () => ({ name: 3, shape: 'x', units: null }),
  () => ({ length: 2, 0: 1, 1: 2 }),
  () => Object.create(null),
  () => ({ className: 'Nothing', config: {} }),
  () => ({ className: 'Dense', config: null }),
  () => new Strange(),
  () => new Date(0),
  () => /x/,
  () => new Map([[1, 2]]),
  () => new Set([1]),
  () => new Error('given'),
  () => new Float32Array(3),
  () => new Float64Array([0.5, Number.NaN]),
  () => new Int32Array([1, -1]),
  () => new Uint8Array(0),
  () => new BigInt64Array(2),
  () => new ArrayBuffer(8),
  () => new DataView(new ArrayBuffer(8)),
  () => () => undefined,
  () => () => 3,
  () => (x: unknown) => x,
  () => async () => 1,
  () => Promise.resolve(1),
  () => Math.abs,
  () => sg,
];

/** Values of a call that have to be disposed of after it. */
export class Junk {
  readonly #made: sg.Tensor[] = [];

  constructor(
    readonly draw: Draw,
    readonly canaries: Canaries,
  ) {}

  value(): unknown {
    const kind = this.draw();
    if (kind < 0.3) return pick(this.draw, NUMBERS);
    if (kind < 0.38) return pick(this.draw, TEXTS);
    if (kind < 0.82) return pick(this.draw, PLAIN)();
    if (kind < 0.94) return this.#tensor();
    return [this.#tensor(), this.draw() < 0.5 ? this.#tensor() : this.value()];
  }

  #tensor(): sg.Tensor {
    const t = this.canaries.draw(this.draw);
    const kind = this.draw();
    if (kind < 0.12) t.dispose();
    this.#made.push(t);
    if (kind < 0.88) return t;
    const v = sg.variable(t.isDisposed ? sg.scalar(1) : t);
    this.#made.push(v);
    return v;
  }

  /** Arguments of which something is wrong: one replaced (or a part of it), left out, added, or all drawn. */
  spoil(args: readonly unknown[]): unknown[] {
    const kind = this.draw();
    if (kind < 0.1) return Array.from({ length: Math.floor(this.draw() * 5) }, () => this.value());
    const out = [...args];
    if (kind < 0.2) return out.slice(0, Math.floor(this.draw() * (out.length + 1)));
    if (kind < 0.25) return [...out, this.value(), this.value()];
    if (kind < 0.3 && out.length > 1) return out.reverse();
    for (let n = this.draw() < 0.75 ? 1 : 2; n > 0; n--) {
      // One more than there are: optional ones that the recipe does not give.
      const at = Math.floor(this.draw() * (out.length + 1));
      while (out.length < at) out.push(undefined);
      out[at] = this.#part(out[at], 0);
    }
    return out;
  }

  /** The value, or something inside of it, replaced. */
  #part(value: unknown, depth: number): unknown {
    if (depth < 3 && this.draw() < 0.6) {
      if (Array.isArray(value) && value.length > 0) {
        const at = Math.floor(this.draw() * value.length);
        return value.map((v, i) => (i === at ? this.#part(v, depth + 1) : v));
      }
      if (isPlain(value) && Object.keys(value).length > 0) {
        const key = pick(this.draw, Object.keys(value));
        return { ...value, [key]: this.#part(value[key], depth + 1) };
      }
    }
    return this.value();
  }

  dispose(): void {
    for (const t of this.#made.splice(0)) t.dispose();
  }
}

export const isPlain = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype;
