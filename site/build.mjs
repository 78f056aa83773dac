// The API reference and the guides as pages: `npm run docs` writes build/site.
//
//   node site/build.mjs [--check]
//
// With --check nothing is written: it lists the public names whose comments lack something, and fails if there are any.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findGaps } from './check.mjs';
import { tablesOf } from './tables.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '../build/site');
const tables = join(here, '../build/tables');

if (!existsSync(join(here, 'node_modules')))
  execFileSync('npm', ['install', '--ignore-scripts', '--no-package-lock'], { cwd: here, stdio: 'inherit' });
const { Application, TSConfigReader } = await import('typedoc');

const markdown = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

async function convert(projectDocuments) {
  const app = await Application.bootstrap(
    {
      name: 'samegrad',
      entryPoints: [join(here, '../src/index.ts')],
      tsconfig: join(here, 'tsconfig.json'),
      readme: join(here, '../README.md'),
      projectDocuments,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      disableSources: true,
      // The check below names what is missing.
      validation: false,
      logLevel: 'Warn',
    },
    [new TSConfigReader()],
  );
  const project = await app.convert();
  if (!project) throw new Error('the sources do not compile');
  return { app, project, api: app.serializer.projectToObject(project, here) };
}

const { api } = await convert([]);
const gaps = findGaps(api);
if (process.argv.includes('--check')) {
  for (const gap of gaps) console.error(gap);
  console.log(`${gaps.length} gaps in the comments of public names`);
  process.exit(gaps.length ? 1 : 0);
}
mkdirSync(tables, { recursive: true });
for (const [name, text] of Object.entries(tablesOf(api))) writeFileSync(join(tables, `${name}.md`), text);
const { app, project } = await convert([...markdown(join(here, 'guides')), ...markdown(tables)]);
await app.generateDocs(project, out);
console.log(
  `build/site/index.html is written; ${gaps.length} gaps in the comments of public names (--check lists them)`,
);
