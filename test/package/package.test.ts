/** The built package as users have it: in their bundles, under their compilers, and when an error is not caught. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { run } from '../support/child';

async function inside<T>(parent: string, use: (directory: string) => Promise<T>): Promise<T> {
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'samegrad-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe('in a bundle for browsers', () => {
  const program = `
    import * as sg from './dist/index.js';
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(sg.ones([2, 1]), sg.ones([2, 1]), { verbose: 1 });
    const events = sg.callbacks.tensorBoard(async (bytes) => console.log('events', bytes.length > 0));
    await model.fit(sg.ones([2, 1]), sg.ones([2, 1]), { callbacks: events }).catch((e) => console.log(e.message));
    await sg.data.csv({ text: 'a,b\\n1,"x\\ny"\\n' }).toArray().then(
      (rows) => console.log(JSON.stringify(rows)),
      (error) => console.log(error instanceof sg.RuntimeSupportError, error.message),
    );
  `;

  test.each<[string, string[], RegExp]>([
    ['all that it needs comes along', [], /^epoch 1\/1.*\nevents true\n\[{"a":1,"b":"x\\ny"}\]$/s],
    ['without papaparse, the error says so', ['papaparse'], /true data\.csv: .*npm install papaparse@5$/],
  ])('%s', async (_, external, printed) => {
    // Outside of the project, where there is no node_modules above.
    await inside(tmpdir(), async (directory) => {
      const outfile = join(directory, 'bundle.mjs');
      const { warnings } = await build({
        stdin: { contents: program, resolveDir: process.cwd() },
        outfile,
        bundle: true,
        format: 'esm',
        platform: 'browser',
        external,
        logLevel: 'silent',
      });
      expect(warnings).toEqual([]);
      const output = await run(process.execPath, [outfile], { timeout: 60_000, cwd: directory });
      expect(output.trim()).toMatch(printed);
    });
  });
});

test('without vega and dagre the errors of pictures say what to install', async () => {
  const program = `
    import * as sg from './dist/index.js';
    import * as vis from './dist/vis.js';
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
    const say = (error) => console.log(error instanceof sg.RuntimeSupportError, error.message);
    await vis.toSVG(vis.lines({ a: [1, 2] })).catch(say);
    await vis.modelGraph(model).catch(say);
  `;
  await inside(tmpdir(), async (directory) => {
    const outfile = join(directory, 'bundle.mjs');
    await build({
      stdin: { contents: program, resolveDir: process.cwd() },
      outfile,
      bundle: true,
      format: 'esm',
      external: ['vega', 'vega-lite', 'vega-interpreter', '@dagrejs/dagre', 'node:*', 'cli-progress'],
      logLevel: 'silent',
    });
    const output = await run(process.execPath, [outfile], { timeout: 60_000, cwd: directory });
    expect(output.trim().split('\n')).toEqual([
      'true toSVG: needs the packages vega, vega-lite and vega-interpreter: npm install vega@6 vega-lite@6 vega-interpreter@2',
      'true modelGraph: needs the package @dagrejs/dagre: npm install @dagrejs/dagre@3',
    ]);
  });
});

test('the licence of each package whose code is in a built file comes with it', () => {
  const maps = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js.map'));
  const sources = maps.flatMap((name) => JSON.parse(readFileSync(join('dist', name), 'utf8')).sources as string[]);
  const packages = sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  expect(packages).toContain('@assemblyscript/loader');
  const notices = readFileSync('dist/THIRD-PARTY-NOTICES.txt', 'utf8');
  for (const name of new Set(packages)) {
    const { version, license } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'));
    expect(notices).toContain(`\n${name} ${version}, ${license}`);
  }
  expect(notices).toMatch(/Apache License\s+Version 2\.0/);
});

describe('as a classic script', () => {
  const source = readFileSync('dist/samegrad.min.js', 'utf8');

  test('makes one global, and computes', () => {
    const page: Record<string, unknown> = { console, performance, setTimeout, atob, TextEncoder, TextDecoder };
    runInNewContext(source, page);
    const program = 'var tf = sg; tf.tensor1d([1, 2]).square().sum().arraySync()';
    expect(runInNewContext(program, page)).toBe(5);
    expect(Object.keys(page).sort()).toEqual(
      ['TextDecoder', 'TextEncoder', 'atob', 'console', 'performance', 'setTimeout', 'sg', 'tf'].sort(),
    );
  });

  test('without the file of the threads beside it, says so', async () => {
    const page: Record<string, unknown> = { console, performance, setTimeout, atob, TextEncoder, TextDecoder };
    runInNewContext(source, page);
    const program = `sg.setThreads(2).then(String, (e) => [
      e instanceof sg.RuntimeSupportError && e.message, sg.getThreads(), sg.ones([9]).sum().arraySync()])`;
    const [message, ...rest] = await runInNewContext(program, page);
    expect(message).toMatch(/^setThreads: the kernels for threads could not be loaded: .*samegrad-threads\.wasm\.js/);
    expect(rest).toEqual([1, 9]);
  });

  test('is ASCII: its page may have any encoding', () => {
    expect([...source].every((c) => c.charCodeAt(0) < 128)).toBe(true);
  });

  test('is what content delivery networks hand out', () => {
    const { unpkg, jsdelivr } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect([unpkg, jsdelivr]).toEqual(['./dist/samegrad.min.js', './dist/samegrad.min.js']);
  });
});

describe('the default export', () => {
  test('is all that the module exports', async () => {
    const printed = await run(
      process.execPath,
      ['--input-type=module', '-e', "import sg, * as all from 'samegrad'; console.log(sg === all, sg.add === all.add)"],
      { timeout: 60_000 },
    );
    expect(printed.trim()).toBe('true true');
  });

  test('adds nothing to a bundle that does not use it', async () => {
    const sizeOf = async (code: string): Promise<number> => {
      const { outputFiles } = await build({
        stdin: { contents: code, resolveDir: process.cwd() },
        bundle: true,
        format: 'esm',
        write: false,
        external: ['node:*', 'cli-progress', 'papaparse', 'pbf', 'crc-32/*'],
        logLevel: 'silent',
      });
      return outputFiles[0]?.contents.length as number;
    };
    const whole = await sizeOf("import sg from './dist/index.js'; console.log(sg);");
    const few = await sizeOf("import { add } from './dist/index.js'; console.log(add);");
    // The names, and a getter for each, are not there.
    expect(whole - few).toBeGreaterThan(2000);
  });
});

describe('in strict TypeScript', () => {
  const program = `
    import * as sg from 'samegrad';

    class Scale extends sg.Layer {
      static override className = 'Scale';
      factor?: sg.Variable;
      constructor(args: sg.LayerArgs = {}) {
        super(args);
      }
      override build(inputShape: sg.Shapes): void {
        const size = (inputShape as sg.PartialShape).at(-1) as number;
        this.factor = this.addWeight({ name: 'factor', shape: [size], initializer: 'ones' });
      }
      override call(x: sg.Tensor): sg.Tensor {
        return x.mul(this.factor as sg.Variable);
      }
    }

    const [image, text] = [sg.input({ shape: [8, 8, 1] }), sg.input({ shape: [5] })];
    const seen = sg.layers.flatten().apply(sg.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(image));
    const both = sg.layers.concatenate().apply([seen, new Scale().apply(text)]);
    const one = sg.model({ inputs: [image, text], outputs: sg.layers.dense({ units: 1 }).apply(both) });
    const values: ArrayLike<number> = one.predict([sg.ones([1, 8, 8, 1]), sg.ones([1, 5])]).dataSync();
    const [last, hidden] = sg.layers.gru({ units: 2, returnState: true }).apply(sg.input({ shape: [3, 1] }));
    const two = sg.model({ inputs: image, outputs: [seen, both] });
    const [a] = two.predict(sg.ones([1, 8, 8, 1]));

    const note = sg.callbacks.lambda({ onEpochEnd: (_epoch, logs) => console.log(logs.loss) });
    const series = sg.preprocessing.timeSeriesWindows([1, 2, 3], { sequenceLength: 2, horizon: 1 });
    const target: sg.Tensor = series.y;
    const w = sg.variable(sg.zeros([3, 1]));
    const optimizer = sg.train.adam(0.1);
    const step = sg.jit((x, y) => optimizer.minimize(() => x.matMul(w).sub(y).square().mean(), true));
    const loss: sg.Tensor = step(sg.ones([4, 3]), sg.ones([4, 1]));
    const apply = sg.jit((vs: sg.Variable[], rate: number) => vs.map((v) => v.mul(rate)));
    const scaled: sg.Tensor[] = apply([w], 2);
    const squares = sg.sequential({ layers: [sg.layers.lambda((x) => x.square(), { inputShape: [2] })] });
    const part: sg.DataArg = squares.predict(sg.ones([1, 2]));
    const shape: sg.Shape = loss.shape;
    export { a, hidden, last, note, part, scaled, shape, target, values };
  `;

  test.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('module %s, resolution %s', async (module, resolution) => {
    // Below the project, which is the package itself.
    await inside('build', async (directory) => {
      const file = join(directory, 'program.mts');
      writeFileSync(file, program);
      const options = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
      options.push('--target', 'es2022', '--lib', 'es2022,esnext.disposable,dom', '--types', 'node', '--ignoreConfig');
      options.push('--module', module, '--moduleResolution', resolution);
      const output = await run(process.execPath, ['node_modules/typescript/bin/tsc', ...options, file], {
        timeout: 60_000,
      }).catch(String);
      expect(output).toBe('');
    });
  });
});

test('TypeScript programs written for TensorFlow.js compile when their import line changes', async () => {
  await inside('build', async (directory) => {
    const file = join(directory, 'program.mts');
    copyFileSync('test/types/program.mts', file);
    const options = ['--noEmit', '--strict', '--ignoreConfig', '--module', 'esnext', '--moduleResolution', 'bundler'];
    options.push('--target', 'es2022', '--lib', 'es2022,esnext.disposable,dom', '--types', 'node');
    const output = await run(process.execPath, ['node_modules/typescript/bin/tsc', ...options, file], {
      timeout: 60_000,
    }).catch(String);
    expect(output).toBe('');
  });
});

test.each(['samegrad', 'samegrad/asset'])(
  'threads of %s in a script that is given on the command line',
  async (entry) => {
    const program = `import * as sg from '${entry}'; await sg.setThreads(2); console.log(sg.getThreads(), sg.ones([9]).sum().dataSync()[0])`;
    const output = await run(process.execPath, ['--input-type=module', '-e', program], { timeout: 60_000 });
    expect(output.trim()).toBe('2 9');
  },
);

test('an error that is not caught is all that is printed', async () => {
  const program = "import('samegrad').then((sg) => sg.matMul(sg.ones([2, 3]), sg.ones([2, 3])))";
  const errors = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['-e', program], (_error, _stdout, stderr) => resolve(stderr));
  });
  expect(errors).toMatch(/\nShapeError: matMul: inner dimensions 3 and 2 of \[2, 3\] and \[2, 3\] differ/);
  expect(errors.length).toBeLessThan(3000);
});
