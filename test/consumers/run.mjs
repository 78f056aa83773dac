// One small training by every way in which programs take up the package, packed as it is published: the same bits.
//   run.mjs [--only node,esbuild,...] [--all] [--allow-missing]
// By default the ways that need no more than the project's own packages. Exit code: 0 the same bits everywhere, 1 not.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Missing } from '../runtimes/host/missing.mjs';
import { prepare, root } from './host.mjs';
import * as bundles from './kinds/bundles.mjs';
import * as commands from './kinds/commands.mjs';
import * as pages from './kinds/pages.mjs';
import * as types from './kinds/types.mjs';

const FAST = {
  'node import': commands.esm,
  'node require': commands.required,
  'classic script': commands.script,
  esbuild: bundles.esbuild,
  rollup: bundles.rollup,
  publint: types.publint,
  typescript: types.typescript,
};
const SLOW = {
  'node 20.17 import': commands.oldEsm,
  'node 20.17 require': commands.oldRequired,
  deno: commands.deno,
  bun: commands.bun,
  'bun require': commands.bunRequired,
  workerd: commands.workerd,
  webpack: bundles.webpack,
  'vite build': pages.viteBuild,
  'vite dev': pages.viteDev,
  'vite worker': pages.viteWorker,
  'page module': pages.page,
  'page classic script': pages.classic,
  'page policy': pages.policy,
  'page errors': pages.errors,
  'module worker': pages.worker,
  'service worker': pages.service,
  'service worker serves': pages.serving,
  vitest: commands.vitest,
  'jest in jsdom': commands.jest,
  'typescript 5.4': types.typescript54,
  'typescript 5.9': types.typescript59,
  'typescript 6.0': types.typescript60,
  attw: types.attw,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
    'allow-missing': { type: 'boolean', default: false },
  },
});
const known = { ...FAST, ...SLOW };
const names = values.only
  ? values.only
      .split(',')
      .flatMap((only) => Object.keys(known).filter((name) => name === only || name.startsWith(`${only} `)))
  : Object.keys(values.all ? known : FAST);

if (names.some((name) => name in SLOW))
  for (const folder of ['consumers', 'runtimes'])
    if (!existsSync(join(root, 'test', folder, 'node_modules')))
      execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
        cwd: join(root, 'test', folder),
        stdio: 'inherit',
      });

const folder = mkdtempSync(join(tmpdir(), 'samegrad-consumers-'));
const hashes = new Map();
let failures = 0;
try {
  const context = await prepare(folder);
  for (const name of names) {
    const start = performance.now();
    let told;
    try {
      const output = await known[name](context);
      const [, hash] = /(?:^|hash )([0-9a-f]{8})\b/.exec(output ?? '') ?? [];
      if (output !== undefined && !hash) throw new Error(`no hash in ${output}`);
      if (hash) hashes.set(name, hash);
      told = hash ?? 'clean';
    } catch (error) {
      const isMissing = error instanceof Missing && values['allow-missing'];
      if (!isMissing) failures++;
      told = isMissing ? `missing: ${error.message}` : `FAILURE: ${error.message}\n${error.detail ?? error.stack}`;
    }
    console.log(`${name.padEnd(22)} ${told.slice(0, 3000)} (${Math.round(performance.now() - start)} ms)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
const distinct = new Set(hashes.values());
console.log(
  distinct.size > 1
    ? `DIFFERENT BITS: ${[...hashes].map(([name, hash]) => `${name} ${hash}`).join(', ')}`
    : `${failures ? `${failures} FAILED; ` : ''}the same bits by ${hashes.size} ways`,
);
process.exit(failures > 0 || distinct.size !== 1 ? 1 : 0);
