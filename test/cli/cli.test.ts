/** The command `samegrad`, from the built package, as people run it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx';
import { file, node, port } from '../onnx/support/build';
import { inOwnFolder } from '../support/folder';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const IRIS = fileURLToPath(new URL('../fixtures/iris.csv', import.meta.url));

inOwnFolder();

const samegrad = (...args: string[]): Promise<{ status: number; out: string; error: string }> =>
  new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { timeout: 60_000 }, (failure, out, error) =>
      done({ status: failure ? Number(failure.code ?? -1) : 0, out, error }),
    );
  });

/** A table of two kinds of houses, with gaps, dates, names, a constant and a counter. */
function houses(rows: number): string {
  const lines = ['id,built,size,heating,owner,country,garden,price'];
  for (let i = 0; i < rows; i++) {
    const [size, isGas, garden] = [50 + ((i * 37) % 101), i % 3 === 0, i % 2 === 0];
    const day = new Date(Date.UTC(1990, 0, 1 + ((i * 53) % 9000))).toISOString().slice(0, 10);
    const price = i % 17 === 5 ? '' : 2 * size + (isGas ? 40 : 0) + (garden ? 25 : 0);
    const [gap, heating] = [i % 11 === 3 ? 'NA' : size, i % 13 === 4 ? '' : isGas ? 'gas' : 'oil'];
    lines.push(`${i + 1},${day},${gap},${heating},"Owner, ${i}",Norway,${garden ? 'yes' : 'no'},${price}`);
  }
  return `${lines.join('\n')}\n`;
}

describe('train and predict', () => {
  it('iris: classes are found, judged, saved and predicted; a second run learns the same', async () => {
    const { status, out, error } = await samegrad(
      'train',
      IRIS,
      '--target',
      'species',
      '--out',
      'iris',
      '--epochs',
      '40',
    );
    expect([status, error]).toEqual([0, '']);
    expect(out).toMatch(/150 rows\nto predict: species, one of 3 classes/);
    expect(out).toMatch(/petalWidth +number/);
    expect(Number(/^accuracy +(\S+) +always/m.exec(out)?.[1])).toBeGreaterThan(0.89);
    const report = JSON.parse(readFileSync('iris/report.json', 'utf8'));
    expect(report.target.classes).toEqual(['setosa', 'versicolor', 'virginica']);
    for (const picture of ['history', 'confusion', 'roc', 'precisionRecall'])
      expect(readFileSync(`iris/${picture}.svg`, 'utf8')).toMatch(/^<svg /);

    const again = await samegrad('train', IRIS, '--target', 'species', '--out', 'again', '--epochs', '40');
    expect(again.out.replaceAll('again', 'iris')).toBe(out);
    expect(readFileSync('again/model.safetensors').equals(readFileSync('iris/model.safetensors'))).toBe(true);

    // Other columns, another order, a gap, and no target.
    writeFileSync(
      'new.csv',
      'petalWidth;note;petalLength;sepalLength;sepalWidth\n0.2;small;1.4;5.1;\n2.1;large;5.9;7.1;3.0\n',
    );
    const predicted = await samegrad('predict', 'iris', 'new.csv');
    const lines = predicted.out
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(lines[0]?.slice(5)).toEqual([
      'species_predicted',
      ...['setosa', 'versicolor', 'virginica'].map((n) => `probability_${n}`),
    ]);
    expect(lines.slice(1).map((line) => line[5])).toEqual(['setosa', 'virginica']);
    expect(lines[1]?.slice(6).reduce((sum, p) => sum + Number(p), 0)).toBeCloseTo(1, 3);
    expect(predicted.error).toBe('');
    const judged = await samegrad('predict', 'iris', IRIS);
    const accuracy = /^on 150 rows whose 'species' is known: accuracy (\S+)\n$/.exec(judged.error)?.[1];
    const right = judged.out.split('\n').filter((line) => line.split(',')[4] === line.split(',')[5]).length;
    expect(accuracy).toBe(((right - 1) / 150).toFixed(4)); // But for the line that is empty
  }, 120_000);

  it('houses: a number, from numbers, dates and categories with gaps; what tells nothing is left out', async () => {
    writeFileSync('houses.csv', houses(200));
    const { status, out, error } = await samegrad('train', 'houses.csv', '--target', 'price');
    expect([status, error]).toEqual([0, '']);
    expect(out).toMatch(/200 rows, 12 of them without a target and left out/);
    for (const line of [
      /id +left out: it counts the rows$/,
      /built +date$/,
      /size +number, 18 missing/,
      /heating +category of 3, 16 missing/,
      /owner +left out: it has \d+ different texts/,
      /country +left out: it is the same in every row/,
      /garden +category of 2$/,
    ])
      expect(out).toMatch(new RegExp(line.source, 'm'));
    expect(Number(/^R² +(\S+)/m.exec(out)?.[1])).toBeGreaterThan(0.8);
    expect(existsSync('houses-model/predictions.svg')).toBe(true);

    const report = JSON.parse(readFileSync('houses-model/report.json', 'utf8'));
    expect(report.columns.map(({ missing }: { missing: number }) => missing)).toEqual([0, 0, 18, 16, 0, 0, 0]);

    const predicted = await samegrad('predict', 'houses-model', 'houses.csv', '--output', 'found.csv');
    expect(predicted.out).toBe('');
    const judged = predicted.error.split('\n');
    const score = /^on 188 rows whose 'price' is known: mean absolute error (\S+), root mean squared error (\S+)$/;
    const [mae, rmse] = (score.exec(judged[0] as string) ?? []).slice(1).map(Number) as [number, number];
    expect(judged[1]).toBe('200 rows written to found.csv');
    const found = readFileSync('found.csv', 'utf8').trim().split('\n');
    for (const line of found.slice(1)) expect(line.split(',').at(-1)).toMatch(/^(?=[\d.]{1,8}$)\d+(\.\d+)?$/);
    const errors = found.slice(1).flatMap((line) => {
      const [price, guess] = line.split(',').slice(-2) as [string, string];
      return price === '' ? [] : [Number(price) - Number(guess)];
    });
    expect(mae).toBeCloseTo(errors.reduce((sum, e) => sum + Math.abs(e), 0) / 188, 4);
    expect(rmse).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 188), 4);

    // Texts that training has not seen, and a true value that is none.
    const row = 'x,2001-02-03,80,wood,Me,Norway,';
    writeFileSync('odd.csv', `id,built,size,heating,owner,country,garden,price\n${row}yes,?\n${row}maybe,cheap\n`);
    const odd = await samegrad('predict', 'houses-model', 'odd.csv');
    expect(odd.error.trim().split('\n')).toEqual([
      "column 'heating': the model has never seen 'wood' (2 rows); it counts as none of its categories",
      "column 'garden': the model has never seen 'maybe' (1 row); it counts as none of its categories",
      "no score: 'cheap' in column 'price' is no number",
    ]);
    expect(odd.out.trim().split('\n')).toHaveLength(3);
    const lost = await samegrad('predict', 'houses-model', 'odd.csv', '--output', 'nowhere/found.csv');
    expect([lost.status, lost.error]).toEqual([
      1,
      expect.stringMatching(/^nowhere\/found\.csv cannot be written: .*\n$/),
    ]);
    expect(found).toHaveLength(201);
    expect(found[1]).toMatch(/^1,1990-01-01,50,gas,"Owner, 0",Norway,yes,165,1\d\d\.\d+$/);
  }, 120_000);
});

it('a class of one row is learned or judged, not both, and a line says so', async () => {
  const rows = readFileSync(IRIS, 'utf8').trim().split('\n').slice(0, 60);
  writeFileSync('lone.csv', `${[...rows, '1,2,3,4,odd'].join('\n')}\n`);
  const { status, out, error } = await samegrad('train', 'lone.csv', '--target', 'species', '--epochs', '1');
  expect([status, error]).toEqual([0, '']);
  expect(out).toMatch(/^class 'odd' has one row: too few to be both learned and judged; the rows are dealt to/m);
}, 60_000);

describe('what cannot be done: one line that says what to change, no stack trace, nothing written', () => {
  const table = (lines: string[]): string => {
    writeFileSync('bad.csv', lines.join('\n'));
    return 'bad.csv';
  };
  const rows = (line: (i: number) => string): string[] => Array.from({ length: 40 }, (_, i) => line(i));
  it.each<[string, () => string[], RegExp]>([
    ['no command', () => ['learn'], /no command 'learn'; there are train, predict, serve and onnx/],
    ['an unknown option', () => ['train', IRIS, '--tagret', 'species'], /--tagret[\s\S]*samegrad train FILE/],
    ['no target', () => ['train', IRIS], /--target COLUMN/],
    ['an unknown target', () => ['train', IRIS, '--target', 'kind'], /no column 'kind'; there are sepalLength/],
    [
      'a target in another case',
      () => ['train', IRIS, '--target', 'Species'],
      /'Species'; did you mean 'species'\? there/,
    ],
    ['no file', () => ['train', 'none.csv', '--target', 'a'], /none\.csv cannot be read/],
    ['an empty file', () => ['train', table([]), '--target', 'a'], /bad\.csv is empty/],
    ['few rows', () => ['train', table(['a,b', '1,2']), '--target', 'a'], /1 rows with a target; at least 20/],
    [
      'ragged rows',
      () => ['train', table(['a,b', '1,2', '1,2,3']), '--target', 'a'],
      /row 2 has 3 fields; there are 2/,
    ],
    ['columns of one name', () => ['train', table(['a,a', '1,2']), '--target', 'a'], /two columns 'a'/],
    ['one class', () => ['train', table(['a,b', ...rows((i) => `${i},x`)]), '--target', 'b'], /the same in every row/],
    [
      'names as classes',
      () => ['train', table(['a,b', ...rows((i) => `${i},x${i}`)]), '--target', 'b'],
      /40 classes in 40/,
    ],
    [
      'text as a number',
      () => ['train', IRIS, '--target', 'species', '--task', 'regression'],
      /'species' is not all numbers/,
    ],
    [
      'nothing to learn from',
      () => ['train', table(['b', ...rows((i) => `${i % 2}`)]), '--target', 'b'],
      /no column from/,
    ],
    ['an unknown task', () => ['train', IRIS, '--target', 'species', '--task', 'x'], /classification or regression/],
    ['epochs that are none', () => ['train', IRIS, '--target', 'species', '--epochs', '0'], /--epochs must be/],
    ['no model', () => ['predict', 'nowhere', IRIS], /nowhere.*cannot be loaded/],
  ])('%s', async (_, args, message) => {
    const { status, out, error } = await samegrad(...args());
    expect(status).toBe(1);
    expect(error).toMatch(message);
    expect(error).not.toMatch(/^ +at /m);
    expect(out).not.toMatch(/written/);
  });

  it('help and version', async () => {
    expect((await samegrad('--help')).out).toMatch(/samegrad predict FOLDER FILE\.csv/);
    expect((await samegrad()).out).toMatch(/samegrad train FILE\.csv/);
    expect((await samegrad('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('onnx', () => {
  it('reads integers as they are, and says what is wrong with a file of numbers', async () => {
    const double = {
      input: [port('i', ['n'], 'int64')],
      output: [port('y', ['n'], 'int64')],
      node: [node('Add', ['i', 'i'], ['y'])],
    };
    writeFileSync('double.onnx', file(double));
    const ran = async (text: string): Promise<{ out: string; error: string }> => {
      writeFileSync('i.json', text);
      return samegrad('onnx', 'run', 'double.onnx', '--input', 'i=i.json');
    };
    // Float32 has no such number.
    expect(await ran('[16777217, -3]')).toMatchObject({ error: '', out: 'y: int32 [2] 33554434, -6\n' });
    expect((await ran('[4294967296]')).error).toMatch(/8589934592 does not fit int32/);
    expect((await ran('[1.5]')).error).toMatch(/data\[0\] must be an integer, got 1\.5/);
    for (const [text, message] of [
      ['1, 2', /^i\.json: is not JSON/],
      ['[[1], [2, 3]]', /^i\.json: tensor/],
      ['{"i": 1}', /^i\.json: tensor/],
    ] as const) {
      const { error } = await ran(text);
      expect(error).toMatch(message);
      expect(error).not.toMatch(/at .*cli\.js/);
    }
  });

  it('says what a model holds, and computes its outputs', async () => {
    const model = sg.sequential({
      layers: [sg.layers.dense({ units: 2, inputShape: [3], kernelInitializer: 'ones' })],
    });
    const bytes = await onnx.toONNX(model);
    writeFileSync('model.onnx', bytes);
    writeFileSync('x.json', '[[1, 2, 3], [0, 0, 1]]');
    const info = await samegrad('onnx', 'info', 'model.onnx');
    expect(info.error).toBe('');
    expect(info.out).toContain('ai.onnx 18');
    expect(info.out).toMatch(/All operators run\.\n$/);
    const { inputNames, outputNames } = onnx.loadSync(bytes);
    const ran = await samegrad(
      'onnx',
      'run',
      'model.onnx',
      '--input',
      `${inputNames[0]}=x.json`,
      '--output',
      'results',
    );
    expect(ran.error).toBe('');
    expect(ran.out).toBe(`${outputNames[0]}: float32 [2, 2] 6, 6, 1, 1\n`);
    const written = await sg.io.loadNpy(join('results', `${outputNames[0]}.npy`));
    expect(written.arraySync()).toEqual([
      [6, 6],
      [1, 1],
    ]);
    const refused = await samegrad('onnx', 'run', 'x.json');
    expect(refused.status).toBe(1);
    expect(refused.error).toMatch(/x\.json: .*is not an ONNX file/);
  });
});
