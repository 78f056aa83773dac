// Pages of a browser, with and without a bundler.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { binary } from '../../runtimes/host/missing.mjs';
import { orAborted } from '../../runtimes/host/process.mjs';
import { resolved, root, signal } from '../host.mjs';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};
const QUIET = [
  '--no-sandbox',
  '--disable-component-update',
  '--disable-quic',
  '--disable-domain-reliability',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** Only with these does a page have shared memory, and so threads. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

async function serve(folder, headers) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    try {
      const data = readFileSync(join(folder, pathname === '/' ? 'index.html' : pathname));
      const type = TYPES[extname(pathname) || '.html'] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'content-type': type });
      response.end(data);
    } catch (error) {
      response.writeHead(404).end(String(error));
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () => server.close() || server.closeAllConnections(),
  };
}

/** What the page at the address puts into `globalThis.result`. */
export async function visit(url) {
  const executablePath = binary('/usr/bin/chromium', 'apt-get install chromium');
  const { chromium } = await import(resolved('../runtimes/node_modules/playwright-core/index.mjs'));
  const browser = await chromium.launch({ executablePath, args: QUIET });
  try {
    const page = await browser.newPage();
    const failed = new Promise((_, reject) => page.on('pageerror', reject));
    await page.goto(url);
    await orAborted(Promise.race([page.waitForFunction(() => globalThis.result), failed]), signal());
    return await orAborted(
      page.evaluate(() => globalThis.result),
      signal(),
    );
  } finally {
    await browser.close();
  }
}

/** The files of the project in a folder that is served as it is, without names of packages: workers have no import maps. */
function plain({ project, away }, name, html) {
  const folder = join(away, name);
  cpSync(join(project, 'node_modules/samegrad/dist'), join(folder, 'dist'), { recursive: true });
  for (const file of ['check.mjs', 'page.mjs', 'worker.mjs', 'with-worker.mjs', 'service.mjs', 'with-service.mjs'])
    cpSync(join(project, file), join(folder, file));
  const program = readFileSync(join(project, 'program.mjs'), 'utf8');
  const paths = (_, entry) => `'./dist/${entry ? entry.slice(1) : 'index'}.js'`;
  writeFileSync(join(folder, 'program.mjs'), program.replace(/'samegrad(\/\w+)?'/g, paths));
  writeFileSync(join(folder, 'index.html'), `<!doctype html><meta charset="utf-8">${html}`);
  return folder;
}

async function show(folder, headers = {}) {
  const site = await serve(folder, headers);
  try {
    return await visit(site.url);
  } finally {
    site.close();
  }
}

const THREADS =
  "import('./dist/index.js').then(async (sg) => { await sg.setThreads(2); return sg.getThreads() + ' threads'; })";

/** The policy of a page, the program, and what its result or error says. */
const LACKS = [
  ["script-src 'self' 'wasm-unsafe-eval'", THREADS, /^setThreads: a worker failed to start: .*'worker-src blob:'/],
  ["script-src 'self' 'wasm-unsafe-eval'; worker-src blob:", THREADS, /^2 threads$/],
  ["script-src 'self'", "import('./dist/index.js')", /^samegrad: .*'wasm-unsafe-eval'/],
  ['', "import('./dist/asset/index.js')", /^samegrad\/asset: .*samegrad\.wasm answered 404; serve the \.wasm files/],
  ['', "import('./dist/index.js').then((sg) => sg.data.csv({ text: 'a\\n1\\n' }).toArray())", /import map/],
];

/** What the page lacks is named, with what to do. */
export async function errors(context) {
  for (const [i, [policy, program, told]] of LACKS.entries()) {
    const meta = policy && `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
    const folder = plain(context, `errors-${i}`, `${meta}${module('errors.mjs')}`);
    const code = `globalThis.result = ${program}.then((value) => value ?? 'no error', (error) => error.message);`;
    writeFileSync(join(folder, 'errors.mjs'), code);
    if (program.includes('asset')) rmSync(join(folder, 'dist/samegrad.wasm'));
    const message = await show(folder, ISOLATED);
    if (!told.test(message)) throw new Error(`${program}, policy "${policy}": ${message}`);
  }
}

const module = (src) => `<script type="module" src="${src}"></script>`;
export const page = (context) => show(plain(context, 'page', module('page.mjs')));
export const worker = (context) => show(plain(context, 'worker', module('with-worker.mjs')));
export const service = (context) => show(plain(context, 'service', module('with-service.mjs')));

/** A service worker that answers the requests of its page as a server: with the bytes of Node. */
export async function serving(context) {
  const folder = plain(context, 'serving', module('with-serving.mjs'));
  for (const file of ['serving.mjs', 'with-serving.mjs']) cpSync(join(context.project, file), join(folder, file));
  cpSync(join(root, 'test/runtimes/inside/serve.mjs'), join(folder, 'serve.mjs'));
  const [own, sg, server] = await Promise.all(
    ['serve.mjs', 'dist/index.js', 'dist/serve.js'].map((file) => import(join(folder, file))),
  );
  const [found, expected] = [await show(folder), await own.serving(sg, server)];
  if (found !== expected) throw new Error(`answers ${found}, in Node ${expected}`);
}
export const classic = (context) =>
  show(
    plain(
      context,
      'classic',
      `<script src="dist/samegrad.min.js"></script><script type="module">
      import { check } from './check.mjs'; globalThis.result = check(sg, sg, sg.layers).catch(String);</script>`,
    ),
  );

/** A page that a policy keeps from everything but the compilation of kernels. */
export const policy = (context) =>
  show(
    plain(
      context,
      'policy',
      `<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'">${module('page.mjs')}`,
    ),
  );

async function vite({ project, away }, name, entry, use) {
  const vite = await import('vite');
  const folder = join(project, name);
  mkdirSync(folder);
  for (const file of readdirSync(project)) if (file.endsWith('.mjs')) cpSync(join(project, file), join(folder, file));
  writeFileSync(join(folder, 'index.html'), `<!doctype html>${module(`/${entry}`)}`);
  return use(vite, {
    root: folder,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    cacheDir: join(away, `${name}-cache`),
    build: { outDir: join(away, name), target: 'es2022' },
    server: { host: '127.0.0.1', port: 0 },
  });
}

const build = (name, entry) => (context) =>
  vite(context, name, entry, async (vite, config) => {
    await vite.build(config);
    return show(config.build.outDir);
  });
export const viteBuild = build('vite-build', 'page.mjs');
export const viteWorker = build('vite-worker', 'with-worker.mjs');
export const viteDev = (context) =>
  vite(context, 'vite-dev', 'page.mjs', async ({ createServer }, config) => {
    const server = await createServer(config);
    try {
      await server.listen();
      return await visit(`http://127.0.0.1:${server.httpServer.address().port}/`);
    } finally {
      await server.close();
    }
  });
