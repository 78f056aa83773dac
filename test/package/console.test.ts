/** What people read: objects on the console, and stack traces of the packed package. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/child';

const printed = (code: string): Promise<string> =>
  run(process.execPath, ['--input-type=module', '-e', `import * as sg from 'samegrad'; ${code}`], { timeout: 60_000 });

test('a model, a layer, an optimizer and a tensor', async () => {
  const output = await printed(`
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [4], name: 'first' })] });
    console.log(model);
    console.log([model.layers[0], sg.layers.dense({ units: 2, name: 'second' })]);
    console.log(sg.train.sgd(0.1));
    console.log(sg.tensor1d([1, 2]));
    model.dispose();
    console.log(model);
  `);
  expect(output).toMatch(/^Model: "sequential"\n_+\nLayer \(type\).*\n=+\nfirst \(Dense\) +\[null, 3\] +15\n/);
  expect(output).toMatch(/Dense 'first' \[null, 4\] -> \[null, 3\], 15 parameters,\n +Dense 'second' \(not built\)/);
  expect(output).toContain('SGD { learningRate: 0.1 } after 0 steps');
  expect(output).toMatch(/Tensor\n +dtype: float32\n +rank: 1\n +shape: \[2\]\n +values:\n +\[1, 2\]/);
  expect(output).toContain("Sequential 'sequential' (disposed of)");
});

test('a stack trace names functions, methods and classes', async () => {
  const output = await printed(`
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [4] })] });
    try { model.predict(sg.ones([2, 5])); } catch (error) { console.log(error.stack); }
    console.log(model.constructor.name, model.layers[0].constructor.name, sg.train.adam().constructor.name);
  `);
  expect(output).toMatch(/^ShapeError: predict: /);
  for (const name of ['checkInputs', '#predict', 'Sequential.predict']) expect(output).toContain(`at ${name} (`);
  expect(output).toMatch(/^Sequential Dense AdamOptimizer$/m);
});

test.each(readdirSync('dist').filter((name) => /^(index|shared-\w+|samegrad\.min)\.c?js$/.test(name)))(
  'dist/%s has a map to the sources',
  (name) => {
    const code = readFileSync(`dist/${name}`, 'utf8');
    const [, url] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(code) ?? [];
    expect(url).toBe(`${name}.map`);
    const { sources, mappings } = JSON.parse(readFileSync(`dist/${url}`, 'utf8'));
    // Of a small one most, or all, is imports that the bundler made.
    expect(mappings.length).toBeGreaterThanOrEqual(code.length < 2000 ? 0 : code.length / 12);
    // A package that is taken in may have a file of its own, and so may imports that the bundler made.
    const isOthers = sources.every((s: string) => s.includes('node_modules/') || s === name.replace('.cjs', '.js'));
    expect(isOthers || sources.some((s: string) => s.endsWith('.ts'))).toBe(true);
  },
);
