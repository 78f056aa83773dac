/** The built package: `samegrad/graph` beside any entry, required or imported, and loaded by the main entry. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const topology = `{ node: [
  { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { unknownRank: true } } } },
  { name: 'y', op: 'Relu6', input: ['x'] },
] }`;

const PROGRAMS = {
  'beside samegrad/predict.mjs': `
    import { loadGraphModelSync } from 'samegrad/graph';
    import { tensor } from 'samegrad/predict';
    const model = loadGraphModelSync({ modelTopology: ${topology} });
    console.log(String(model.predict(tensor([1, 9, -2])).dataSync()));`,
  'by the main entry.mjs': `
    import * as sg from 'samegrad';
    import { GraphModel } from 'samegrad/graph';
    const model = await sg.loadGraphModel(sg.io.fromMemory({ modelTopology: ${topology} }));
    if (!(model instanceof GraphModel)) throw new Error('another class');
    console.log(String(model.predict(sg.tensor([1, 9, -2])).dataSync()));`,
  'required.cjs': `
    const sg = require('samegrad');
    const { GraphModel } = require('samegrad/graph');
    sg.loadGraphModel(sg.io.fromMemory({ modelTopology: ${topology} })).then((model) => {
      if (!(model instanceof GraphModel)) throw new Error('another class');
      console.log(String(model.predict(sg.tensor([1, 9, -2])).dataSync()));
    });`,
};

test.each(Object.entries(PROGRAMS))('%s', (name, code) => {
  const dir = mkdtempSync(join(process.cwd(), 'build', 'graph-'));
  try {
    const file = join(dir, name.replaceAll(/[ /]/g, '-'));
    writeFileSync(file, code);
    expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toBe('1,6,0\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
