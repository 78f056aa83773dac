// Bundlers: what they make runs where no package is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { own, run } from '../host.mjs';

// A bundle must hold all that it needs: it runs far from any node_modules.
async function alone(name, { away }, write) {
  const folder = join(away, name);
  mkdirSync(folder);
  const file = await write(folder);
  return run(process.execPath, [file], folder);
}

export const esbuild = (context) =>
  alone('esbuild', context, async (folder) => {
    const { build } = await import('esbuild');
    const outfile = join(folder, 'bundle.mjs');
    const { warnings } = await build({
      entryPoints: [join(context.project, 'print.mjs')],
      outfile,
      bundle: true,
      minify: true,
      format: 'esm',
      logLevel: 'silent',
    });
    if (warnings.length > 0) throw new Error(warnings[0].text);
    return outfile;
  });

export const rollup = (context) =>
  alone('rollup', context, async (folder) => {
    const [{ rollup }, { nodeResolve }, { default: commonjs }] = await Promise.all([
      import('rollup'),
      import('@rollup/plugin-node-resolve'),
      import('@rollup/plugin-commonjs'),
    ]);
    const bundle = await rollup({
      input: join(context.project, 'print.mjs'),
      plugins: [nodeResolve({ browser: true }), commonjs()],
      onwarn(warning) {
        throw new Error(warning.message);
      },
    });
    await bundle.write({ dir: folder, format: 'es', entryFileNames: 'bundle.mjs' });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    return join(folder, 'bundle.mjs');
  });

export const webpack = (context) =>
  alone('webpack', context, async (folder) => {
    const { default: pack } = await import(own('webpack/lib/index.js'));
    const stats = await new Promise((resolve, reject) => {
      pack(
        {
          mode: 'production',
          target: ['web', 'es2022'],
          context: context.project,
          entry: './print.mjs',
          experiments: { outputModule: true },
          output: { path: folder, filename: 'bundle.mjs', module: true, chunkFormat: 'module' },
          performance: false,
        },
        (error, result) => (error ? reject(error) : resolve(result)),
      );
    });
    if (stats.hasErrors() || stats.hasWarnings())
      throw new Error(stats.toString({ all: false, errors: true, warnings: true }));
    return join(folder, 'bundle.mjs');
  });
