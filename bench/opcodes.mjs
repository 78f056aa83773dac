import { readFileSync } from 'node:fs';

/** The number of an opcode: its position in the enum. @throws if there is none of this name */
export function opcodeOf(name) {
  const source = readFileSync(new URL('../assembly/codes.ts', import.meta.url), 'utf8');
  const body = /export enum Op \{([^}]*)\}/.exec(source)[1].replace(/\/\*[\s\S]*?\*\//g, '');
  const at = body.split(',').findIndex((text) => text.trim() === name);
  if (at < 0) throw new Error(`no opcode ${name}`);
  return at;
}
