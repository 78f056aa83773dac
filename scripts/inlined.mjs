// esbuild plugin: .wasm files stand in scripts as base64, the one with threads compressed before.
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';

export const inlined = {
  name: 'inlined',
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path }) => {
      const bytes = readFileSync(path);
      return {
        contents: path.endsWith('-threads.wasm') ? deflateRawSync(bytes, { level: 9 }) : bytes,
        loader: 'base64',
      };
    });
  },
};
