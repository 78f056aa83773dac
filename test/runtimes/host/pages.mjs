// A web server on 127.0.0.1 with a page that runs the smoke module and posts its line back to /result.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const HTML = '<!doctype html><meta charset="utf-8"><script type="module" src="/inside/page.mjs"></script>';
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

// Browsers grant SharedArrayBuffer, hence threads, only to pages served like this.
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

async function body(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

// /dist/... is the library, /ops/... the case table; else only the modules of this suite. The URL parser has already
// resolved any '..'.
async function content(path, folders) {
  if (path === '/') return { type: 'text/html', data: HTML };
  const [, name, ...rest] = path.split('/');
  const folder = Object.hasOwn(folders, name) ? folders[name] : undefined;
  if (!folder && name !== 'inside' && path !== '/smoke.mjs') throw new Error(`no ${path}`);
  const file = folder ? join(folder, ...rest) : join(here, path);
  return { type: TYPES[extname(file)] ?? 'application/octet-stream', data: await readFile(file) };
}

// { url, result, close }: `result` is the page's line, parsed, or its error.
export async function pages({ dist, ops, threads, isolated, script, task }) {
  let settle;
  const result = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  result.catch(() => {}); // a browser that fails first is reported instead

  const server = createServer(async (request, response) => {
    const headers = isolated ? ISOLATION : {};
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    try {
      if (request.method === 'POST' && pathname === '/result') {
        const { error, ...line } = JSON.parse(await body(request));
        response.writeHead(204, headers).end();
        if (error === undefined) settle.resolve(line);
        else settle.reject(Object.assign(new Error(error.split('\n')[0]), { detail: error }));
        return;
      }
      const { type, data } = await content(pathname, { dist, ops });
      response.writeHead(200, { ...headers, 'content-type': type, 'cache-control': 'no-store' }).end(data);
    } catch (error) {
      response.writeHead(404, headers).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const query = new URLSearchParams({ threads, isolated: isolated ? 1 : 0, script: script ? 1 : 0 });
  if (task) query.set('task', JSON.stringify(task));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/?${query}`, result, close };
}
