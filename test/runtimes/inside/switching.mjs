// Runs under Node, Deno and Bun: <this file> <URL of the bundled switches.ts> <switches> <seed>. No process.exit, as in
// command.mjs.
import process from 'node:process';

const [drill, count, seed] = process.argv.slice(2);
const { bun, deno, node } = process.versions;
const { switches } = await import(drill);
const start = performance.now();
const figures = await switches(Number(count), Number(seed));
console.log(JSON.stringify({ ...figures, ms: Math.round(performance.now() - start), version: deno ?? bun ?? node }));
