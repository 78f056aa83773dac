// Started with a program and the name of its library: loads the library, runs the program, tells how long it took.
// A page's scripts run in the global scope, beside what they need of a document.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';

const [path, library] = process.argv.slice(2);

function scriptsOf(page) {
  const scripts = [...page.matchAll(/<script(?: src="([^"]*)")?>(.*?)<\/script>/gs)];
  return scripts.map(([, file, code]) => (file ? { file, code: readFileSync(file, 'utf8') } : { code }));
}

let start;
process.on('exit', () => console.log(`milliseconds ${performance.now() - start}`));
if (path.endsWith('.html')) {
  const scripts = scriptsOf(readFileSync(path, 'utf8'));
  // TensorFlow.js finds that this is Node, and wants what Node has.
  globalThis.require = createRequire(path);
  for (const { file, code } of scripts) if (file) runInThisContext(code, { filename: file });
  const elements = {};
  globalThis.document = {
    getElementById: (id) => {
      elements[id] ??= { innerText: '', innerHTML: '', textContent: '' };
      return elements[id];
    },
  };
  start = performance.now();
  for (const { file, code } of scripts) if (!file) runInThisContext(code, { filename: path });
} else {
  await import(pathToFileURL(createRequire(path).resolve(library)).href);
  start = performance.now();
  await import(pathToFileURL(path).href);
}
