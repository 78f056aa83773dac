// Declarations: one file for each entry, and what they share, with the public names and what those are made of.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { internalMembers, stripped } from './internal.mjs';
import { ENTRIES, WITH_DEFAULT } from './shared.mjs';

/** As the compiler writes them: a file for each source. */
const PLAIN = 'build/types';

/** Interfaces that modules add to classes of others. */
const AUGMENTATION = /declare module '(\.[^']+)' \{\s*interface (\w+)(<[^{]*>)? extends (\w+) \{\s*\}\s*\}/g;
/** Those whose methods are there whichever entry is imported; the others belong to the main entry. */
const EVERYWHERE = ['Reading'];

/** `[Symbol.dispose]` is for those who write `using`, and no error for those who do not. */
const HEAD = '/// <reference lib="esnext.disposable" />\n';

function compile() {
  rmSync(PLAIN, { recursive: true, force: true });
  const tsc = 'node_modules/typescript/bin/tsc';
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

function stripInternal() {
  const internal = internalMembers();
  for (const file of readdirSync(PLAIN, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(PLAIN, file);
    const text = readFileSync(path, 'utf8');
    const rest = stripped(text, internal);
    if (rest !== text) writeFileSync(path, rest);
  }
}

/** Comments do not pass through a mapped type of bundled namespaces: each method gets that of its function. */
function documentMethods() {
  const path = join(PLAIN, 'src/ops/methods.d.ts');
  const text = readFileSync(path, 'utf8');
  const modules = [...text.matchAll(/^import \* as (\w+) from '(.*)';$/gm)].map(([, alias, file]) => ({
    alias,
    code: readFileSync(join(dirname(path), `${file}.d.ts`), 'utf8'),
  }));
  const [, list = ''] = /^declare const chained: \{\n(.*?)^\};$/ms.exec(text) ?? [];
  const names = [...list.matchAll(/^ {4}readonly (\w+):/gm)].map(([, name]) => name);
  const members = names.map((name) => {
    const declared = new RegExp(
      `((?:^/\\*\\*(?:(?!\\*/).)*\\*/\\n)?)^export declare (?:const|function) ${name}\\b`,
      'ms',
    );
    for (const { alias, code } of modules) {
      const comment = declared.exec(code)?.[1];
      if (comment) return `${comment}    ${name}: Tail<typeof ${alias}.${name}>;`;
    }
    throw new Error(`method ${name}: its function has no comment`);
  });
  const mapped = /^type Chained = \{.*?^\};$/ms;
  if (names.length === 0 || !mapped.test(text)) throw new Error(`${path}: the methods are not found`);
  writeFileSync(
    path,
    text.replace(mapped, () => `interface Chained {\n${members.join('\n')}\n}`),
  );
}

/** Takes the augmentations out of the files, and tells what they were. */
function takeAugmentations() {
  const found = [];
  for (const file of readdirSync(PLAIN, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(PLAIN, file);
    const text = readFileSync(path, 'utf8');
    const rest = text.replace(AUGMENTATION, (_, target, name, parameters = '', by) => {
      found.push({ from: file.replace(/\.d\.ts$/, ''), target: join(dirname(file), target), name, parameters, by });
      return '';
    });
    if (/declare module '\./.test(rest)) throw new Error(`${path}: an augmentation of another form`);
    if (rest !== text) writeFileSync(path, rest);
  }
  return found;
}

/** Puts an augmentation beside the class. */
function merge({ from, target, name, parameters, by }) {
  const path = join(PLAIN, `${target}.d.ts`);
  const file = relative(dirname(target), from).replace(/^(?!\.)/, './');
  const own = `export interface ${name}${parameters} extends ${by} {}`;
  writeFileSync(path, `import type { ${by} } from '${file}';\n${readFileSync(path, 'utf8')}\n${own}\n`);
}

async function bundle() {
  const made = await rollup({
    input: Object.fromEntries(Object.entries(ENTRIES).map(([k, v]) => [k, join(PLAIN, v.replace('.ts', '.d.ts'))])),
    plugins: [dts()],
    // What public names are made of is not public itself.
    onwarn: (warning) => {
      if (warning.plugin !== 'dts') throw new Error(warning.message);
    },
  });
  const { output } = await made.generate({
    format: 'es',
    entryFileNames: '[name].d.ts',
    chunkFileNames: 'shared.d.ts',
    minifyInternalExports: false,
  });
  await made.close();
  return new Map(output.map(({ fileName, code }) => [fileName, code]));
}

/** Only what a file exports where it stands can be added to. */
function exportInPlace(code, name) {
  // Another augmentation may have been there before.
  if (new RegExp(`^export declare (?:abstract )?class ${name}\\b`, 'm').test(code)) return code;
  const declared = new RegExp(`^declare ((?:abstract )?class ${name}\\b)`, 'm');
  if (!declared.test(code)) return undefined;
  const without = (_, list) =>
    `export { ${list
      .split(', ')
      .filter((one) => one !== name)
      .join(', ')} };`;
  return code
    .replace(declared, 'export declare $1')
    .replace(new RegExp(`^interface ${name}\\b`, 'm'), `export interface ${name}`)
    .replace(/^export \{ (.*) \};$/m, without);
}

/** Adds an augmentation in the file of the main entry. */
function augment(files, { name, parameters, by }) {
  for (const [file, code] of files) {
    const changed = exportInPlace(code, name);
    if (changed === undefined) continue;
    files.set(file, changed);
    const module = file.replace('.d.ts', '.js');
    const index = files.get('index.d.ts');
    if (!new RegExp(`interface ${by}\\b`).test(index)) throw new Error(`${by} is not in index.d.ts`);
    files.set(
      'index.d.ts',
      `${index}\ndeclare module './${module}' {\n  interface ${name}${parameters} extends ${by} {}\n}\n`,
    );
    return;
  }
  throw new Error(`no class ${name} in the declarations`);
}

const listed = (list) =>
  list.split(',').map((one) => {
    const [name, as = name] = one.trim().split(' as ');
    return { name, as };
  });

const CLASS = '(?:export )?declare (?:abstract )?class';

/** The type parameters of a type as they are declared, with < and >; '' if it has none. */
function parametersOf(code, name) {
  const found = new RegExp(
    `^(?:interface|type|${CLASS}) ${name}<([^{]*?)>(?: extends | implements | = | \\{)`,
    'm',
  ).exec(code);
  return found ? `<${found[1]}>` : '';
}

const isClass = (code, name) => new RegExp(`^${CLASS} ${name}\\b`, 'm').test(code);

/** Their names alone. */
function namesOf(parameters) {
  const own = parameters
    .slice(1, -1)
    .replace(/<[^<>]*>/g, '')
    .split(',');
  return parameters && `<${own.map((one) => one.trim().split(' ')[0]).join(', ')}>`;
}

/** The types that a file imports: their parameters, and whether they are classes. */
function importedTypes(code, types) {
  const own = new Map();
  for (const [, list, from] of code.matchAll(/^import \{ (.*) \} from '\.\/(.*)';$/gm))
    for (const { name, as } of listed(list)) if (types.get(from)?.has(name)) own.set(as, types.get(from).get(name));
  return own;
}

/** For each file, by the name it is imported by, the types that it exports: their parameters, and whether they are classes. */
function exportedTypes(files) {
  const module = (file) => file.replace('.d.ts', '.js');
  const types = new Map(
    [...files].map(([file, code]) => {
      const lists = [...code.matchAll(/^export (type )?\{ (.*) \};$/gm)].flatMap(([, type, list]) =>
        listed(list).filter(({ name }) => type || isClass(code, name)),
      );
      const typeOf = (name) => ({ parameters: parametersOf(code, name), isClass: isClass(code, name) });
      return [module(file), new Map(lists.map(({ name, as }) => [as, typeOf(name)]))];
    }),
  );
  // A type may be handed on by one file after another: by `export … from`, or imported and then exported.
  for (let pass = 0; pass < files.size; pass++)
    for (const [file, code] of files) {
      const own = types.get(module(file));
      const imported = importedTypes(code, types);
      for (const [, list, from] of code.matchAll(/^export (?:type )?\{ (.*) \}(?: from '\.\/(.*)')?;$/gm))
        for (const { name, as } of listed(list)) {
          const type = (from ? types.get(from) : imported)?.get(name);
          if (type) own.set(as, type);
        }
    }
  return types;
}

/** Types of another file that a namespace exports are said to be types, and classes to be types too. */
function markTypes(files) {
  const types = exportedTypes(files);
  for (const [file, code] of files) {
    const own = importedTypes(code, types);
    const asType = (line, alias, name) => {
      const type = own.get(name);
      if (!type) return line;
      const marked = `type ${alias}${type.parameters} = ${name}${namesOf(type.parameters)};`;
      if (!type.isClass) return marked;
      // Some say themselves what type goes by the name of the class.
      const isTyped = [' ', '<'].some((end) => code.includes(`\ntype ${alias}${end}`));
      return isTyped ? line : `${marked}\n${line}`;
    };
    files.set(file, code.replace(/^declare const ([\w$]+): typeof ([\w$]+);$/gm, asType));
  }
}

/** Before TypeScript 5.7 arrays of bytes did not name their buffers. */
const forOlder = (code) => code.replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<$1['slice']>");

export async function types() {
  compile();
  stripInternal();
  documentMethods();
  const found = takeAugmentations();
  for (const one of found.filter(({ by }) => EVERYWHERE.includes(by))) merge(one);
  const files = await bundle();
  markTypes(files);
  for (const one of found.filter(({ by }) => !EVERYWHERE.includes(by))) augment(files, one);
  for (const [file, code] of files) {
    const name = file.replace('.d.ts', '');
    const own = WITH_DEFAULT.includes(name) ? `export * as default from './${name}.js';\n` : '';
    const text = HEAD + forOlder(code) + own;
    writeFileSync(join('dist', file), text);
    writeFileSync(join('dist', `${name}.d.cts`), text.replace(/(['"])(\.\/\w+)\.js\1/g, '$1$2.cjs$1'));
  }
}
