// What bundlers need to see that a module's parts are not used: numbers in the place of shared constants, and calls that
// are marked as free of side effects.
import { parseAst } from 'rollup/parseAst';

const PURE = '/* @__PURE__ */ ';

/** All nodes of a tree with their parents, but for what is inside those that `isOpen` refuses. */
function* nodesOf(node, isOpen = () => true, parent = undefined) {
  if (Array.isArray(node)) for (const item of node) yield* nodesOf(item, isOpen, parent);
  else if (typeof node?.type === 'string') {
    yield [node, parent];
    if (isOpen(node)) for (const child of Object.values(node)) yield* nodesOf(child, isOpen, node);
  }
}

/** The local names of what a module imports from that of the constants. */
const importedConstants = (ast) =>
  new Map(
    ast.body
      .filter((node) => node.type === 'ImportDeclaration' && node.source.value.endsWith('assembly/isa.js'))
      .flatMap(({ specifiers }) => specifiers.map(({ local, imported }) => [local.name, imported.name])),
  );

/** Whether an identifier is a value, not the name of a member or of an import. */
const isValue = (node, parent) =>
  node.type === 'Identifier' &&
  !(parent.type === 'MemberExpression' && parent.property === node && !parent.computed) &&
  !(parent.type === 'Property' && (parent.key === node || parent.shorthand)) &&
  !/^(Import|Export)/.test(parent.type);

/** Variables and parameters that a node declares. */
const bindings = (node) =>
  [node.type === 'VariableDeclarator' ? node.id : [], /Function/.test(node.type) ? node.params : []].flat();

/** Numbers where members and constants are named. They fill as much room, so that the source map stays right. */
function numbers(file, ast, constants) {
  const imported = importedConstants(ast);
  const edits = [];
  for (const [node, parent] of nodesOf(ast.body)) {
    for (const { name } of bindings(node))
      if (imported.has(name)) throw new Error(`${file}: a variable has the name of a constant, ${name}`);
    if (!isValue(node, parent) || !imported.has(node.name)) continue;
    const value = constants[imported.get(node.name)];
    const isMember = parent.type === 'MemberExpression' && parent.object === node && !parent.computed;
    const number = isMember ? value[parent.property.name] : value;
    if (typeof number !== 'number') continue;
    const { start, end } = isMember ? parent : node;
    const text = String(number).padEnd(end - start);
    if (text.length > end - start) throw new Error(`${file}: ${node.name} is shorter than ${number}`);
    edits.push({ start, end, text });
  }
  return edits;
}

/** Functions and classes run nothing of their own when a module is loaded. */
const isEager = ({ type }) => !/Function|Class/.test(type);

/** Marks the calls that initialize constants of a module. */
function pureCalls(ast) {
  const edits = [];
  for (const statement of ast.body) {
    const declaration = statement.declaration ?? statement;
    if (declaration.type !== 'VariableDeclaration') continue;
    for (const [{ type, start }] of nodesOf(declaration.declarations, isEager))
      if (type === 'CallExpression' || type === 'NewExpression') edits.push({ start, end: start, text: PURE });
  }
  return edits;
}

/**
 * @param constants what kernels and library share, by name
 * @param isActive whether the module does something when it is loaded
 */
export function shakable(file, text, constants, isActive) {
  const ast = parseAst(text);
  const edits = [...numbers(file, ast, constants), ...(isActive ? [] : pureCalls(ast))];
  edits.sort((a, b) => b.start - a.start || b.end - a.end);
  return edits.reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text);
}
