// What the forms of the library have in common.
import { readFileSync } from 'node:fs';

/** What users import, by the names of the built files. */
export const ENTRIES = {
  index: 'src/index.ts',
  predict: 'src/predict.ts',
  layers: 'src/layers/index.ts',
  graph: 'src/graph/index.ts',
  onnx: 'src/onnx/index.ts',
  vis: 'src/vis/index.ts',
  serve: 'src/serve/index.ts',
  mpi: 'src/distributed/index.ts',
  worker: 'src/worker/index.ts',
};

/** Entries whose default export is all that they export. */
export const WITH_DEFAULT = ['index', 'predict'];

/** Loaded when they are needed, by those that have them. */
export const OPTIONAL = [
  '@dagrejs/dagre',
  'bun:ffi',
  'cli-progress',
  'crc-32/*',
  'koffi',
  'node:*',
  'papaparse',
  'pbf',
  'vega',
  'vega-interpreter',
  'vega-lite',
];

/** Options of esbuild for files that hold all of the library. */
export const bundled = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: true,
  logLevel: 'warning',
};

/** The modules of the kernels, and the files in src/runtime/hosts that a host has for them. */
const KERNELS = { '#kernels': '', '#kernels-predict': '-predict', '#kernels-threads': '-threads' };

/** Where a host gets the kernels from; `kind` is the extension of its files. */
export const host = (name, folder = './src/runtime/hosts', kind = 'ts') =>
  Object.fromEntries(Object.entries(KERNELS).map(([module, which]) => [module, `${folder}/${name}${which}.${kind}`]));

/** The loader makes a decoder of texts when it is loaded, which some runtimes lack (jsdom) and no kernel needs. */
export const loader = {
  name: 'loader',
  setup(b) {
    b.onLoad({ filter: /@assemblyscript\/loader\/index\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const decoder = /= (new TextDecoder\([^)]*\))/;
      if (!decoder.test(text)) throw new Error(`${path}: the decoder is elsewhere`);
      return { contents: text.replace(decoder, '= { decode: (bytes) => $1.decode(bytes) }') };
    });
  },
};

/** Options of terser; names of functions and classes stay where they are kept. */
export const minified = (isModule, keepsNames) => ({
  // Only so that it is read as one: `module` alone would shorten all names.
  parse: { module: isModule },
  ecma: 2022,
  keep_classnames: keepsNames,
  keep_fnames: keepsNames,
  // Short lines, as Node prints the line of an uncaught error; and what tells bundlers to keep off an import.
  format: {
    semicolons: false,
    max_line_len: 200,
    // Engines read text of single bytes faster, and a classic script is read in the encoding of its page.
    ascii_only: true,
    preserve_annotations: true,
    comments: /@vite-ignore|webpackIgnore/,
  },
});
