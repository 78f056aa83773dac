// The command `samegrad`: it imports the built library as any program does.
import { build } from 'esbuild';
import { bundled, OPTIONAL } from './shared.mjs';

/** The entries of the library stay imports. */
const library = {
  name: 'library',
  setup: (b) =>
    b.onResolve({ filter: /^\.\.\/(\w+\/)?index$/ }, ({ path }) => ({
      path: path === '../index' ? './index.js' : `./${path.split('/')[1]}.js`,
      external: true,
    })),
};

export const command = () =>
  build({
    ...bundled,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    platform: 'node',
    external: OPTIONAL,
    plugins: [library],
  });
