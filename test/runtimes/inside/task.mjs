// Runs under Node, Deno and Bun: <this file> <URL of dist/> <URL of the bundles' folder> <task in JSON>. No process.exit, as
// in command.mjs.
import process from 'node:process';
import { perform } from './tasks.mjs';

const [dist, ops, task] = process.argv.slice(2);
const { bun, deno, node } = process.versions;
const folders = { dist, ops };
const load = (path) => {
  const [folder, file] = path.split('/');
  return import(folders[folder] + file);
};
const line = { ...(await perform(JSON.parse(task), load)), version: deno ?? bun ?? node };
console.log(JSON.stringify({ line }));
