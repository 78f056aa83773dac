// Runs under Node, Deno and Bun: <this file> <URL of the library> <URL of the case table> <threads>.
// It does not call process.exit: a library whose threads keep a finished program alive fails the row.
import process from 'node:process';
import { report } from './report.mjs';

const [library, table, threads] = process.argv.slice(2);
const { bun, deno, node } = process.versions;
const sg = await import(library);
const ops = await import(table);
const serve = await import(new URL('serve.js', library));
const line = await report(sg, ops, [sg, serve], { threads: Number(threads), version: deno ?? bun ?? node });
console.log(JSON.stringify({ line }));
