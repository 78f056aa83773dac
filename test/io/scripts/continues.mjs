// Runs under Node, Deno and Bun: <this file> <URL of the library> <folder>. Loads every model of the folder, in each of its
// forms, and prints those that do not continue as the process that saved them.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { outcome } from './outcome.mjs';

const [library, folder] = process.argv.slice(2);
const sg = await import(library);
const { cases } = JSON.parse(readFileSync(`${folder}/cases.json`, 'utf8'));
const faults = [];
let loaded = 0;
for (const { name, files, data, expected } of cases) {
  for (const file of files) {
    try {
      const model = await sg.loadModel(`${folder}/${file}`);
      const found = await outcome(sg, model, data);
      if (found !== expected) faults.push(`${name} of ${file}: ${found} instead of ${expected}`);
      model.dispose();
      loaded++;
    } catch (error) {
      faults.push(`${name} of ${file}: ${error}`);
    }
  }
}
console.log(JSON.stringify({ loaded, faults }));
