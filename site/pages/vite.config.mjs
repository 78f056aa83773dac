// The pages that compute: static files in build/site, which any server of files can hand out.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '../../dist/modules');

/** Every folder with a page, and the gallery. */
const pages = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'shared' && entry.name !== 'public')
  .map(({ name }) => join(here, name, 'index.html'));

/** So that threads may share memory; a server without these headers gets one thread. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: here,
  // Works from any folder of a server.
  base: './',
  resolve: {
    alias: [
      { find: /^samegrad$/, replacement: join(dist, 'index.js') },
      { find: /^samegrad\/(\w+)$/, replacement: join(dist, '$1.js') },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: join(here, '../../build/site'),
    emptyOutDir: false,
    target: 'es2022',
    rolldownOptions: { input: [join(here, 'index.html'), ...pages] },
  },
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
});
