/** The table of operators in the guides: which opsets and types run, what trains, what exports contain, backend cases. */
import type { GraphNode } from '../../../src/graph/core/graph';
import * as sg from '../../../src/index';
import { loadSync, type OnnxModel, type OnnxTensor, prepare } from '../../../src/onnx/index';
import { definitions, resolve } from '../../../src/onnx/operators/index';
import { decodeModel } from '../../../src/onnx/proto/model';
import { readModel } from '../../../src/onnx/read/graph';
import { type Case, type Cases, runCase } from './cases';
import { exportedOperators } from './exported';
import { FAILING } from './failing';

/** Opsets beyond this are not asked for. */
const HIGHEST = 64;

export interface Row {
  readonly domain: string;
  readonly name: string;
  readonly opsets: string;
  /** Of the operands in cases that pass, without shapes and their like; of results if there are no operands. */
  readonly types: readonly string[];
  /** Whether gradients go through it; undefined: no case with float operands tells. */
  readonly trains: boolean | undefined;
  readonly exports: boolean;
  /** Of the backend cases that contain it. */
  readonly passed: number;
  readonly cases: number;
}

const hasFloats = (one: Case): boolean =>
  (one.sets[0]?.inputs ?? []).some(({ dtype, shape }) => dtype === 'float32' && !shape.includes(0));

/** The sum of squares, each of its own weight. */
const squaresOf = (t: sg.Tensor): sg.Tensor => {
  const weights = sg.range(1, t.size + 1).reshape(t.shape);
  return t.mul(weights).square().sum();
};

/** Whether what a model computes has slopes in one of its operands. */
function hasSlopes(model: OnnxModel, operands: readonly OnnxTensor[], i: number): boolean {
  const { dtype, data, shape } = operands[i] as OnnxTensor;
  if (dtype !== 'float32' || data.length === 0) return false;
  const loss = (x: sg.Tensor): sg.Tensor => {
    const results = [model.execute(operands.map((t, k) => (k === i ? x : t)))].flat();
    const squares = results.filter((t) => t.dtype === 'float32').map(squaresOf);
    return squares.reduce((a, b) => a.add(b), sg.scalar(0));
  };
  try {
    return sg.tidy(() => {
      const x = sg.tensor(data as Float32Array<ArrayBuffer>, shape);
      const slopes = sg.grad(loss)(x).dataSync();
      return slopes.some((v) => v !== 0 && Number.isFinite(v));
    });
  } catch (error) {
    // Operands whose numbers have to be known, and operators without gradients.
    if (error instanceof sg.SamegradError) return false;
    throw error;
  }
}

function isTrainable(cases: Cases, one: Case): boolean {
  const stored = (one.sets[0]?.inputs ?? []).filter((t) => !t.absent);
  const model = loadSync(cases.model(one));
  try {
    const operands = model.inputNames.map((name) => {
      const found = stored.find((t) => t.name === name);
      if (!found) throw new Error(`${one.name} has no input ${name}`);
      return cases.tensor(found);
    });
    return operands.some((_, i) => hasSlopes(model, operands, i));
  } finally {
    model.dispose();
  }
}

const runs = (domain: string, name: string, opset: number): boolean => 'operator' in resolve(domain, name, opset);

function opsetsOf(domain: string, name: string): string {
  const all = Array.from({ length: HIGHEST }, (_, i) => i + 1).filter((opset) => runs(domain, name, opset));
  return all.length > 1 ? `${all[0]}–${all.at(-1)}` : String(all[0]);
}

const keyOf = (domain: string, name: string): string => (domain ? `${domain}::${name}` : name);

/** Domains and names, in their order. */
function allOperators(): [string, string][] {
  return [...definitions()]
    .flatMap(([domain, own]) => Object.keys(own).map((name): [string, string] => [domain, name]))
    .sort(([a, x], [b, y]) => (a === b ? Number(x > y) - Number(x < y) : Number(a > b) - Number(a < b)));
}

/** By operator whether a case of it has gradients: one of it alone, or of what is never alone, such as branches. */
export function trainedOperators(cases: Cases): ReadonlyMap<string, boolean> {
  const alone = new Set(cases.list.flatMap(({ ops }) => (ops.length === 1 ? ops : [])));
  const known = new Set(['Constant', ...allOperators().map(([domain, name]) => keyOf(domain, name))]);
  const found = new Map<string, boolean>();
  for (const one of cases.list) {
    const told = one.ops.filter((op) => !found.get(op) && (one.ops.length === 1 || !alone.has(op)));
    if (told.length === 0 || !hasFloats(one) || !one.ops.every((op) => known.has(op))) continue;
    const trains = isTrainable(cases, one);
    for (const op of told) found.set(op, trains);
  }
  return found;
}

/** In the order of the table; those of floats first. */
const TYPES = 'float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool string'.split(
  ' ',
);

/** float16/32, int64: the sizes of a kind behind each other. */
export function showTypes(types: readonly string[]): string {
  const kinds = new Map<string, string[]>();
  for (const type of TYPES.filter((t) => types.includes(t))) {
    const [, kind = type, size = ''] = /^(float|int|uint)(\d+)$/.exec(type) ?? [];
    kinds.set(kind, [...(kinds.get(kind) ?? []), size]);
  }
  return [...kinds].map(([kind, sizes]) => kind + sizes.join('/')).join(', ');
}

/** What `showTypes` shows. */
export const readTypes = (shown: string): string[] =>
  shown.split(', ').flatMap((part) => {
    const [, kind = part, sizes] = /^(float|int|uint)([\d/]+)$/.exec(part) ?? [];
    return sizes ? sizes.split('/').map((size) => kind + size) : kind ? [kind] : [];
  });

const unread = (): never => {
  throw new Error('cases have no files beside them');
};

function* nodesIn(cases: Cases, one: Case): Generator<GraphNode> {
  const { main, functions } = readModel(decodeModel(cases.model(one)), unread, one.name);
  for (const { nodes } of [main, ...functions.values()]) yield* nodes;
}

/** By operator, the types of its operands in cases that pass. */
function typesThatRun(cases: Cases, passing: readonly Case[]): ReadonlyMap<string, ReadonlySet<string>> {
  const all = definitions();
  const found = new Map<string, Set<string>>();
  for (const one of passing)
    for (const { op, types } of nodesIn(cases, one)) {
      const key = op.replace(/-\d+$/, '');
      const [name = '', domain = ''] = key.split('::').reverse();
      const known = all.get(domain)?.[name]?.known ?? [];
      const operands = (types?.inputs ?? []).filter((type, i) => type !== undefined && !known.includes(i));
      const own = found.get(key) ?? new Set();
      for (const type of operands.length ? operands : (types?.outputs ?? [])) if (type) own.add(type);
      found.set(key, own);
    }
  return found;
}

const passes = (cases: Cases, one: Case): boolean => runCase(cases, one).fault === undefined;

/**
 * One row for each operator that runs.
 * @param wide cases that tell of types too, but are not counted
 */
export async function tableOf(cases: Cases, wide = cases): Promise<Row[]> {
  await prepare();
  const exported = await exportedOperators();
  const trained = trainedOperators(cases);
  const outcomes = cases.list.map((one) => ({ ops: one.ops, passes: passes(cases, one) }));
  const types = typesThatRun(
    wide,
    wide.list.filter((one) => passes(wide, one)),
  );
  return allOperators().map(([domain, name]) => {
    const key = keyOf(domain, name);
    const own = outcomes.filter(({ ops }) => ops.includes(key));
    return {
      domain,
      name,
      opsets: opsetsOf(domain, name),
      types: [...(types.get(key) ?? [])],
      trains: trained.get(key),
      exports: domain === '' && exported.has(name),
      passed: own.filter((outcome) => outcome.passes).length,
      cases: own.length,
    };
  });
}

/** Cases that fail, by the reason. */
function failures(): string {
  return [...new Set(Object.values(FAILING))]
    .map((reason) => {
      const names = Object.keys(FAILING).filter((name) => FAILING[name] === reason);
      return `- ${reason}: ${names.map((name) => `\`${name}\``).join(', ')}`;
    })
    .join('\n');
}

/** The guide. */
export function guideOf(rows: readonly Row[]): string {
  const lines = rows.map(({ domain, name, opsets, types, trains, exports, passed, cases }) => {
    const cells = [
      domain ? `${domain} ${name}` : name,
      opsets,
      showTypes(types),
      trains === undefined ? '' : trains ? 'yes' : 'no',
      exports ? 'yes' : '',
      cases ? `${passed} of ${cases}` : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `# Operators of ONNX

The ${rows.length} operators that \`samegrad/onnx\` runs, as \`node scripts/onnx-operators.mjs FILE\` measures them on ONNX' own backend
cases ([models in ONNX](saving.md#models-in-onnx)).

- **opsets**: of the models whose form of the operator runs.
- **types**: of the operands in cases that pass, without shapes, axes and their like; of the results where there are no operands.
  float16, bfloat16 and float64 are computed in float32, integers of 16 and 64 bits in int32. Empty where no case tells, as of
  strings and sequences.
- **trains**: whether a case has gradients in a float operand; empty where no case with float operands tells. Of integers,
  comparisons and what is constant in steps there are none.
- **exports**: whether \`onnx.toONNX\` writes it, for any layer, op or quantized layer.
- **cases**: how many of the backend cases that contain it pass.

| operator | opsets | types | trains | exports | cases |
|---|---|---|---|---|---|
${lines.join('\n')}

## The backend cases

Of the 1,559 cases with float32, int32, int64, bool, int8 and uint8 (\`scripts/evidence/onnx/cases.py\` takes them from PyPI's
onnx 1.23.2), 1,546 pass with ONNX' own tolerances: the same in Node, Deno, Bun, workerd and Chromium, with one hash of all
outputs, which \`SAMEGRAD_ONNX_CASES=FILE npm run runtimes\` prints. Those that fail:

${failures()}
`;
}
