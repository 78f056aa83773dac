// The licences of packages whose code is in the built files, for those who pass these on.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages whose licence is in another package of the same repository. */
const LICENSED_BY = { '@assemblyscript/loader': 'assemblyscript' };

const PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function textsOf(folder) {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^(licen[cs]e|notice)/i.test(name)) : [];
  if (files.length === 0) throw new Error(`${folder}: no licence`);
  return files.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
}

function noticeOf(name) {
  const { version, license, homepage } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'));
  const title = [`${name} ${version}`, license, homepage].filter(Boolean).join(', ');
  return [title, ...textsOf(join('node_modules', LICENSED_BY[name] ?? name))].join('\n\n');
}

/** Writes the notices. @param inputs paths of all sources that were bundled */
export function notices(inputs) {
  const names = [...new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter(Boolean))].sort();
  const head = 'Files of this package contain code of the packages below, under their licences.';
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  writeFileSync('dist/THIRD-PARTY-NOTICES.txt', `${[head, ...names.map(noticeOf)].join(line)}\n`);
}
