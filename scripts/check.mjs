// What neither the type checker nor the linter sees: import order, cycles, lengths of files and folders, host arithmetic,
// folders that the README does not explain.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isCurrent } from './codes.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Folders of src from the bottom up: a file imports from its own folder or one further left. */
const ORDER = [
  'support',
  'runtime',
  'tensor',
  'program',
  'ops',
  'autodiff',
  'plan',
  'layers',
  'train',
  'models',
  'data',
  'preprocessing',
  'io',
  'graph',
  'onnx',
  'vis',
  'serve',
  'distributed',
  'worker',
  'tfjs',
];
const LONGEST = 500;
/** Files of one folder that a reader still takes in. */
const MOST = 25;
/** Engines differ in these; nothing that reaches a tensor may come from them. */
const HOST_MATH =
  /\bMath\.(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|sinh|cosh|asin|acos|atan|atan2|cbrt|hypot|random)\b|\*\*/;

const walk = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return walk(path);
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : [];
  });

const importsOf = (text) => [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) => m[1]);
const stripComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');

const foldersOf = (dir) => [
  dir,
  ...readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .flatMap((entry) => foldersOf(join(dir, entry.name))),
];

/** Folders that are too full, or that the README's tree leaves out. */
function findFolderFaults() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const tree = readme.slice(readme.indexOf('## Architecture'));
  const faults = [];
  for (const folder of ['src', 'assembly', 'test', 'scripts', 'bench', 'examples', 'site'].flatMap((d) =>
    foldersOf(join(root, d)),
  )) {
    const name = relative(root, folder);
    const count = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).length;
    if (count > MOST) faults.push(`${name}: ${count} files, more than ${MOST}`);
    if (/^(src|assembly)\b/.test(name) && !tree.includes(`${name.split('/').at(-1)}/`))
      faults.push(`${name}/ is missing in the README's architecture`);
  }
  return faults;
}

/** Every fault found, as one line each. */
export function findFaults() {
  const faults = findFolderFaults();
  const graph = new Map();
  const files = [...walk(join(root, 'src')), ...walk(join(root, 'assembly'))];
  for (const file of files) {
    const name = relative(root, file);
    const text = readFileSync(file, 'utf8');
    const lines = text.split('\n').length;
    if (lines > LONGEST) faults.push(`${name}: ${lines} lines, more than ${LONGEST}`);
    if (name.startsWith('src') && HOST_MATH.test(stripComments(text)))
      faults.push(`${name}: host Math that engines round differently`);
    if (/relaxed_/.test(text)) faults.push(`${name}: relaxed SIMD`);
    const targets = importsOf(text).map((path) => join(dirname(file), path));
    graph.set(
      file,
      targets.map((t) => [`${t}.ts`, join(t, 'index.ts')].find((c) => files.includes(c))).filter(Boolean),
    );
    const folder = (path) => relative(join(root, 'src'), path).split('/')[0];
    const own = ORDER.indexOf(folder(file));
    for (const target of targets) {
      const other = ORDER.indexOf(folder(target));
      if (own >= 0 && other > own) faults.push(`${name}: imports upward from ${folder(target)}/`);
    }
  }
  faults.push(...findCycles(graph));
  if (!isCurrent())
    faults.push('assembly/codes.ts: not what the switches of the kernels say; npm run build makes it anew');
  return faults;
}

function findCycles(graph) {
  const state = new Map();
  const cycles = [];
  const visit = (file, path) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      cycles.push(
        `import cycle: ${[...path.slice(path.indexOf(file)), file].map((f) => relative(root, f)).join(' > ')}`,
      );
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const faults = findFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length) process.exit(1);
}
