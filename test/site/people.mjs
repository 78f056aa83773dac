// What a person does on each page, and what has to be seen then.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fashionMnist } from '../../examples/support/data.mjs';

const WAIT = { timeout: 400_000 };

/** Waits until the text of an element fits. */
const says = (page, selector, pattern) =>
  page.waitForFunction(
    (at, source) => new RegExp(source).test(document.querySelector(at)?.textContent ?? ''),
    WAIT,
    selector,
    pattern.source,
  );

/** Waits until the address has a part. */
const isAt = (page, part) => page.waitForFunction((text) => location.hash.includes(text), WAIT, part);

const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);
const count = async (page, selector) => (await page.$$(selector)).length;
/** Chooses files in the `index`-th element. */
const choose = async (page, selector, files, index = 0) => (await page.$$(selector))[index].uploadFile(...files);
/** Replaces what stands in a field. */
async function fill(page, selector, text) {
  await page.$eval(selector, (element) => {
    element.value = '';
  });
  await page.type(selector, text);
}

/** The longest task from here on is that of the training. */
const forgetLoading = (page) =>
  page.evaluate(() => {
    globalThis.longest = 0;
  });

async function gallery(page) {
  assert.match(await textOf(page, 'h1'), /same bits/);
  assert.ok((await count(page, 'header a')) >= 7);
}

async function digit(page) {
  await forgetLoading(page);
  await page.click('#train');
  await says(page, '#verdict', /./);
  assert.equal(await textOf(page, '#verdict'), 'Equal, bit for bit.');
  assert.equal(await textOf(page, '#hash-here'), await textOf(page, '#hash-node'));
  assert.ok(Number(/^(\S+) %/.exec(await textOf(page, '#result'))?.[1]) > 96);
  // A seven, drawn.
  const pad = await page.$('#pad');
  await pad.scrollIntoView();
  const { x, y, width, height } = await pad.boundingBox();
  const to = (right, down, steps) => page.mouse.move(x + width * right, y + height * down, { steps: steps ?? 1 });
  await to(0.3, 0.25);
  await page.mouse.down();
  await to(0.7, 0.24, 8);
  await to(0.45, 0.85, 12);
  await page.mouse.up();
  const seen = (label) =>
    page.waitForFunction(
      (start) => document.querySelector('#bars').getAttribute('aria-label').startsWith(start),
      WAIT,
      `A ${label},`,
    );
  await seen(7);
  // By the keyboard alone.
  await page.focus('#sample');
  await page.keyboard.press('4');
  await seen(4);
  assert.equal(await count(page, '#maps canvas'), 24);
}

/** The second of the fields. */
const ACTIVATION = '#settings label:nth-of-type(5) select';

async function playground(page) {
  await says(page, '#state', /^epoch 0/);
  await page.click('[aria-label="more neurons in layer 1"]');
  await isAt(page, 'layers=5.2');
  await page.select(ACTIVATION, 'relu');
  await isAt(page, 'activation=relu');
  await says(page, '#state', /^epoch 0/);
  await forgetLoading(page);
  await page.click('#play');
  await says(page, '#state', /^epoch \d{3}/);
  await page.click('#play');
  const loss = async () => Number(/loss (\S+),/.exec(await textOf(page, '#state'))?.[1]);
  assert.ok((await loss()) < 0.3);
  // The link holds the whole state.
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await says(page, '#state', /^epoch 0/);
  assert.equal(await count(page, '.layer:nth-of-type(2) canvas'), 5);
  assert.equal(await page.$eval(ACTIVATION, (element) => element.value), 'relu');
}

async function sequence(page) {
  await page.waitForSelector('#train:not(:disabled)');
  await page.$eval('#text', (element) => {
    element.value = 'the cat sat on the mat and the dog sat on the log. '.repeat(20);
  });
  await fill(page, '#start', 'the c');
  await forgetLoading(page);
  await page.click('#train');
  await says(page, '#state', /^step \d{3}, /);
  await page.waitForSelector('#looks span', WAIT);
  await page.click('#train');
  assert.match(await textOf(page, '#written'), /the cat|the dog|sat on the/);
  await page.select('#head', '5');
  assert.match(await textOf(page, '#head option:checked'), /layer 2, head 2/);
}

/** An image of 28 x 28 as a file: a bitmap, which every browser reads. */
function bitmap(folder, name, pixels) {
  const bytes = Buffer.alloc(54 + 28 * 84);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(28, 18);
  bytes.writeInt32LE(-28, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  pixels.forEach((value, i) => {
    bytes.fill(Math.round(255 * value), 54 + 3 * i, 57 + 3 * i);
  });
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function pictures(page, folder) {
  mkdirSync(folder, { recursive: true });
  const values = fashionMnist({ train: 100, test: 10 }).train.x.dataSync();
  // Trousers and bags.
  const file = (kind, i) =>
    bitmap(folder, `${kind}-${i}.bmp`, values.subarray((10 * i + kind) * 784, (10 * i + kind + 1) * 784));
  const five = (kind) => [0, 1, 2, 3, 4].map((i) => file(kind, i));
  await says(page, '#state', /^Give at least two classes/);
  const inputs = '#classes input[type=file]';
  await choose(page, inputs, five(1));
  await says(page, '#state', /class 1 5, class 2 0/);
  await choose(page, inputs, five(8), 1);
  await says(page, '#state', /^Ready to train: class 1 5, class 2 5/);
  await forgetLoading(page);
  await page.click('#train');
  await says(page, '#state', /^Trained/);
  for (const [kind, i] of [
    [8, 7],
    [1, 9],
  ]) {
    await choose(page, '#try', [file(kind, i)]);
    // The bar of the right class is the longer one.
    const isRight = (right) => {
      const shares = [...document.querySelectorAll('#answer i')].map((bar) => Number.parseFloat(bar.style.width));
      return shares[right] > 60;
    };
    await page.waitForFunction(isRight, WAIT, kind === 1 ? 0 : 1);
  }
  const text = join(folder, 'note.txt');
  writeFileSync(text, 'no picture');
  await choose(page, '#try', [text]);
  await says(page, '#state', /note\.txt is not a picture/);
}

async function benchmark(page) {
  await forgetLoading(page);
  await page.click('#run');
  await says(page, '#state', /^(Done|That failed)/);
  assert.match(await textOf(page, '#state'), /^Done: (\d+) of \1 have the bits of Node\.$/);
  assert.equal(await count(page, '#rows .bad'), 0);
}

async function fineTuning(page) {
  await forgetLoading(page);
  await page.click('#train');
  await says(page, '#verdict', /./);
  assert.equal(await textOf(page, '#verdict'), 'Equal, bit for bit.');
  assert.equal(await textOf(page, '#hash-here'), await textOf(page, '#hash-node'));
  const share = async (id) => Number.parseFloat(await textOf(page, id));
  assert.ok((await share('#before')) < 60);
  assert.ok((await share('#after')) > 97);
}

/** By the folder of each page. */
export const PEOPLE = {
  '': gallery,
  digit,
  playground,
  sequence,
  pictures,
  'fine-tuning': fineTuning,
  benchmark,
};
