// Members of classes that only the library may use: those marked @internal, all that override them, and those under
// symbols of the library. The compiler strips only the first from declarations.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from '@typescript/typescript6';

const classesIn = (text) => {
  const found = [];
  const visit = (node) => {
    if (ts.isClassDeclaration(node) && node.name) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true));
  return found;
};

const has = (node, tag) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === tag);

/** The class that a class extends. */
const baseOf = (node) => {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression.getText();
};

/** Methods, properties, and parameters of the constructor that are properties. */
const membersOf = (node) => [
  ...node.members,
  ...node.members.filter(ts.isConstructorDeclaration).flatMap(({ parameters }) => [...parameters]),
];

/** Names that are symbols of the library, as `[KEPT]`; DISPOSE is `Symbol.dispose`. */
const isOwnSymbol = (name) => /^\[[A-Z_]+\]$/.test(name) && name !== '[DISPOSE]';

/** Whether a member, by class and name, is for the library alone. */
export const isInternal = (internal, className, name) =>
  isOwnSymbol(name) || (internal.get(className)?.has(name) ?? false);

/** Names of internal members by class, those of its bases included. */
export function internalMembers(folder = 'src') {
  const classes = new Map();
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts')))
    for (const node of classesIn(readFileSync(join(folder, file), 'utf8'))) {
      const names = membersOf(node).flatMap((m) => (m.name && has(m, 'internal') ? [m.name.getText()] : []));
      const known = classes.get(node.name.text);
      // Classes of one name in several files share what is internal, which errs on the side of hiding.
      classes.set(node.name.text, { base: baseOf(node) ?? known?.base, own: [...(known?.own ?? []), ...names] });
    }
  const all = (name) => {
    const { base, own } = classes.get(name) ?? { own: [] };
    return [...own, ...(base && base !== name ? all(base) : [])];
  };
  return new Map([...classes.keys()].map((name) => [name, new Set(all(name))]));
}

/**
 * Declarations without internal members. Constructors marked @hidden, which only the library calls, are declared as
 * protected and without parameters, so that users see that there is another way.
 */
export function stripped(text, internal) {
  const edits = classesIn(text).flatMap((node) =>
    node.members.flatMap((member) => {
      if (member.name && isInternal(internal, node.name.text, member.name.getText()))
        return [[member.pos, member.end, '']];
      if (!ts.isConstructorDeclaration(member) || !has(member, 'hidden')) return [];
      return [[member.getStart(), member.end, 'protected constructor();']];
    }),
  );
  return edits.reduceRight((rest, [from, to, by]) => rest.slice(0, from) + by + rest.slice(to), text);
}
