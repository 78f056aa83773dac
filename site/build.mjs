// The API reference and the guides as pages: `npm run docs` writes build/site/docs.
//
//   node site/build.mjs [--check]
//
// With --check nothing is written: it lists the public names whose comments lack something, and fails if there are any.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, Logger, LogLevel, TSConfigReader } from 'typedoc';
import { internalMembers, isInternal } from '../scripts/build/internal.mjs';
import { index } from './api.mjs';
import { findGaps } from './check.mjs';
import { findDifferences } from './settings.mjs';
import { tablesOf } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '../build/site/docs');
const tables = join(here, '../build/tables');

/** Public under the same name, by a constant of the main entry; and tables from which types take names. */
const PUBLIC_ELSEWHERE = [
  'ALIASES',
  'Instance',
  'TYPE_NAMES',
  'builtin',
  'classification',
  'losses',
  'means',
  'regression',

  'Functional',
  'LayersModel',
  'Sequential',
  'Tensor',
  'TensorBuffer',
  'deserializeLayer',
  'model',
  'sequential',
];

const markdown = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

/** Types that public signatures name, but that users cannot import: one line each. */
function hiddenTypes(app, project) {
  const found = [];
  app.logger = new (class extends Logger {
    log(message, level) {
      if (level < LogLevel.Warn) return;
      const [, type, by] = /^(\S+), defined in .*, is referenced by (\S+) but not included/.exec(message) ?? [];
      found.push(type ? `${by}: names the type ${type}, which is not exported` : message);
    }
  })();
  app.validate(project);
  return found;
}

/** @param entry of what is converted, in src/ */
async function convert(projectDocuments, name = 'samegrad', entry = 'index.ts', publicElsewhere = PUBLIC_ELSEWHERE) {
  const app = await Application.bootstrap(
    {
      name,
      entryPoints: [join(here, '../src', entry)],
      tsconfig: join(here, 'tsconfig.json'),
      readme: entry === 'index.ts' ? join(here, '../README.md') : 'none',
      projectDocuments,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      disableSources: true,
      sort: ['source-order'],
      // The rest is checked below.
      validation: {
        notExported: true,
        invalidLink: false,
        rewrittenLink: false,
        invalidPath: false,
        notDocumented: false,
      },
      intentionallyNotExported: publicElsewhere,
      logLevel: 'Warn',
    },
    [new TSConfigReader()],
  );
  // As the declarations that are published.
  const internal = internalMembers(join(here, '../src'));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const one of Object.values(project.reflections)) {
      const isMember = one.parent && isInternal(internal, one.parent.name, one.name);
      if (isMember) project.removeReflection(one);
    }
  });
  const project = await app.convert();
  if (!project) throw new Error('the sources do not compile');
  return { app, project, api: app.serializer.projectToObject(project, here) };
}

const plain = await convert([]);
const { api } = plain;
const library = await import('../dist/index.js');
/** The entries beside, each with pages of its own. */
const others = [];
for (const [name, folder = name] of [['vis'], ['onnx'], ['serve'], ['mpi', 'distributed'], ['worker']])
  others.push({ name, ...(await convert([], `samegrad/${name}`, `${folder}/index.ts`, [])) });
/** What one entry names and another exports, users import from there. */
const exported = new Set(
  [api, ...others.map((other) => other.api)].flatMap((one) => [...index(one).values()].map(({ name }) => name)),
);
const gapsOf = ({ name, app, project, api }) =>
  [
    ...hiddenTypes(app, project).filter((gap) => !exported.has(/names the type (\w+)/.exec(gap)?.[1])),
    ...findGaps(api),
  ].map((gap) => `${name}.${gap}`);
const differences = await findDifferences(api, library);
const gaps = [...hiddenTypes(plain.app, plain.project), ...findGaps(api), ...differences, ...others.flatMap(gapsOf)];
if (process.argv.includes('--check')) {
  for (const gap of gaps) console.error(gap);
  console.log(`${gaps.length} gaps in the comments of public names`);
  process.exit(gaps.length ? 1 : 0);
}
mkdirSync(tables, { recursive: true });
for (const [name, text] of Object.entries(tablesOf(api))) writeFileSync(join(tables, `${name}.md`), text);
const { app, project } = await convert([...markdown(join(here, 'guides')), ...markdown(tables)]);
await app.generateDocs(project, out);
for (const { name, app, project } of others) await app.generateDocs(project, join(out, name));
console.log(
  `build/site/docs/index.html is written; ${gaps.length} gaps in the comments of public names (--check lists them)`,
);
