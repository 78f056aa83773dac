import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: '#kernels-predict', replacement: at('./test/support/wasm-predict.ts') },
      { find: /^#kernels(-threads)?$/, replacement: at('./test/support/wasm.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Tests of single modules have kernels too.
    setupFiles: ['src/runtime/kernels.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 60_000,
    // Threads start where a test asks for them.
    env: { SAMEGRAD_THREADS: '1' },
    // Two cores: more workers only slow each other down.
    maxWorkers: 2,
    maxConcurrency: 2,
  },
});
