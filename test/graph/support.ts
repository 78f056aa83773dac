/** Graph models made of a few nodes, for this library and for TensorFlow.js. */
import '@tensorflow/tfjs-backend-cpu';
import { GraphModel as TheirModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { StoredValue } from '../../src/graph/core/constants';
import type { GraphModel, StringTensor } from '../../src/graph/core/model';
import { makeGraphModel } from '../../src/graph/tfjs/model';
import * as sg from '../../src/index';
import type { ModelArtifacts } from '../../src/io/artifacts';

export interface NodeSpec {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

// It recommends other packages, and other functions.
tf.env().set('IS_TEST', true);
const isAdvice = (text: unknown): boolean => /^This model execution did not contain|tf\.print/.test(String(text));
const { warn } = console;
console.warn = (...args: unknown[]) => {
  if (!isAdvice(args[0])) warn(...args);
};

/** Attributes as `model.json` has them. */
export const at = {
  int: (i: number) => ({ i: String(i) }),
  real: (f: number) => ({ f }),
  flag: (b: boolean) => ({ b }),
  text: (s: string) => ({ s: btoa(s) }),
  type: (type: string) => ({ type }),
  ints: (...i: number[]) => ({ list: { i: i.map(String) } }),
  texts: (...s: string[]) => ({ list: { s: s.map(btoa) } }),
  shape: (...dims: number[]) => ({ shape: { dim: dims.map((d) => ({ size: String(d) })) } }),
  unknownShape: { shape: { unknownRank: true } },
  fn: (name: string) => ({ func: { name } }),
} as const;

const TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL', string: 'DT_STRING' } as const;

/** Numbers or strings, with their shape and type. */
export interface Nd {
  readonly shape: readonly number[];
  readonly dtype: keyof typeof TYPES;
  readonly values: readonly number[] | readonly string[];
}

export interface GraphSpec {
  readonly nodes: readonly NodeSpec[];
  /** Values of `Const` nodes, which are added to the nodes. */
  readonly constants?: Readonly<Record<string, Nd>>;
  /** Placeholders are added for these. */
  readonly placeholders?: Readonly<Record<string, Pick<Nd, 'dtype'> & { readonly shape?: readonly number[] }>>;
  readonly functions?: readonly unknown[];
  readonly more?: Partial<ModelArtifacts>;
}

const entriesOf = <T>(of: Readonly<Record<string, T>> | undefined): [string, T][] => Object.entries(of ?? {});

export function topologyOf({ nodes, constants, placeholders, functions }: GraphSpec): object {
  return {
    node: [
      ...entriesOf(placeholders).map(([name, { dtype, shape }]) => ({
        name,
        op: 'Placeholder',
        attr: { dtype: at.type(TYPES[dtype]), shape: shape ? at.shape(...shape) : at.unknownShape },
      })),
      ...entriesOf(constants).map(([name, { dtype }]) => ({
        name,
        op: 'Const',
        attr: { dtype: at.type(TYPES[dtype]) },
      })),
      ...nodes,
    ],
    library: { function: functions ?? [] },
    versions: { producer: 1, minConsumer: 2 },
  };
}

const storedOf = (name: string, { shape, dtype, values }: Nd): StoredValue =>
  dtype === 'string'
    ? { name, shape, texts: values as readonly string[] }
    : { name, shape, dtype, copyTo: (target) => target.set(values as readonly number[]) };

/** A model of this library. */
export const ours = (spec: GraphSpec): GraphModel =>
  makeGraphModel(
    { modelTopology: topologyOf(spec), ...spec.more },
    entriesOf(spec.constants).map(([name, nd]) => storedOf(name, nd)),
    'test.json',
  );

function bytesOf({ dtype, values }: Nd): Uint8Array {
  if (dtype === 'float32') return new Uint8Array(Float32Array.from(values as readonly number[]).buffer);
  if (dtype === 'int32') return new Uint8Array(Int32Array.from(values as readonly number[]).buffer);
  if (dtype === 'bool') return Uint8Array.from(values as readonly number[]);
  return Uint8Array.from(
    (values as readonly string[]).flatMap((text) => {
      const bytes = new TextEncoder().encode(text);
      return [...new Uint8Array(Uint32Array.of(bytes.length).buffer), ...bytes];
    }),
  );
}

/** The same model of TensorFlow.js. */
export async function theirs(spec: GraphSpec): Promise<TheirModel> {
  const constants = entriesOf(spec.constants);
  const data = Uint8Array.from(constants.flatMap(([, nd]) => [...bytesOf(nd)]));
  const artifacts = {
    modelTopology: topologyOf(spec),
    weightSpecs: constants.map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype })),
    weightData: data.buffer,
    ...spec.more,
  };
  const model = new TheirModel({ load: async () => artifacts as never });
  await model.load();
  return model;
}

export const tensorOf = ({ shape, dtype, values }: Nd): sg.Tensor | StringTensor =>
  dtype === 'string'
    ? { dtype, shape, data: values as readonly string[] }
    : sg.tensor(Float64Array.from(values as readonly number[]), shape, dtype);

export const theirTensorOf = ({ shape, dtype, values }: Nd): tf.Tensor =>
  tf.tensor(values as number[], [...shape], dtype);

export const ndOf = (value: sg.Tensor | StringTensor): Nd =>
  value instanceof sg.Tensor
    ? { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] }
    : { shape: value.shape, dtype: 'string', values: value.data };

export const theirNdOf = (t: tf.Tensor): Nd => ({
  shape: t.shape,
  dtype: t.dtype as Nd['dtype'],
  values: [...(t.dataSync() as unknown as number[])],
});

/** Largest difference relative to the largest number, or to 1; infinite for others in shape, or other strings. */
export function distance(a: Nd, b: Nd): number {
  if (String(a.shape) !== String(b.shape) || a.values.length !== b.values.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let scale = 1;
  a.values.forEach((x, i) => {
    const y = b.values[i] as number | string;
    if (typeof x === 'string' || typeof y === 'string') {
      if (x !== y) worst = Number.POSITIVE_INFINITY;
      return;
    }
    if (Object.is(x, y) || x === y) return;
    scale = Math.max(scale, Number.isFinite(y) ? Math.abs(y) : 1);
    worst = Math.max(worst, Number.isNaN(x - y) ? Number.POSITIVE_INFINITY : Math.abs(x - y));
  });
  return worst / scale;
}
