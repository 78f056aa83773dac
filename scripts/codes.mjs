// Numbers of commands and functions: each switch of the kernels is the list of what it knows, and codes.ts is made of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = 'assembly/codes.ts';

/** The enums, what they number, and the switch that each is made of. */
const SOURCES = [
  ['Op', 'Commands.', 'assembly/program.ts'],
  ['Un', 'Functions of one operand; p and q are their parameters.', 'assembly/map/unary.ts'],
  ['Bin', 'Functions of two operands; p is their parameter.', 'assembly/map/binary.ts'],
];

/** Members in the order in which the file first names them, with the comment that stands right above. */
function members(name, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const found = new Map();
  for (const [, comment, member] of text.matchAll(
    new RegExp(`(?:^ *(/\\*\\*[^\\n]*\\*/)\\n)?[^\\n]*?\\b${name}\\.(\\w+)`, 'gm'),
  ))
    if (!found.has(member)) found.set(member, comment);
  return [...found].map(([member, comment]) => `${comment ? `  ${comment}\n` : ''}  ${member},\n`).join('');
}

function made() {
  const enums = SOURCES.map(
    ([name, text, path]) =>
      `/** ${text} From the switch of \`${path}\`. */\nexport enum ${name} {\n${members(name, path)}}\n`,
  );
  return `/** Made by \`scripts/codes.mjs\`, which every build runs: not to be edited. */\n\n${enums.join('\n')}`;
}

/** Brings the file up to date; whether it was not. */
export function writeCodes() {
  if (isCurrent()) return false;
  writeFileSync(join(root, FILE), made());
  return true;
}

export function isCurrent() {
  try {
    return readFileSync(join(root, FILE), 'utf8') === made();
  } catch {
    return false;
  }
}
