// Reading TypeDoc's model of the public names.

/** TypeDoc's numbers of kinds. */
export const Kind = {
  namespace: 4,
  enum: 8,
  variable: 32,
  function: 64,
  class: 128,
  interface: 256,
  property: 1024,
  method: 2048,
  accessor: 262144,
  alias: 2097152,
};

/** What can be called: its signatures, also of constants that hold a function, or whose type is one by name. */
export const signaturesOf = (item, items) =>
  item.signatures ?? item.type?.declaration?.signatures ?? items?.get(item.type?.target)?.signatures ?? [];

/** All comments of an item itself. */
export const commentsOf = (item) =>
  [item.comment, item.getSignature?.comment, ...signaturesOf(item).map((s) => s.comment)].filter(Boolean);

const plain = (parts = []) => parts.map((part) => part.text).join('');

/** The text before the first tag. */
export const summaryOf = (item) =>
  commentsOf(item)
    .map((c) => plain(c.summary))
    .find((text) => text.trim()) ?? '';

export const hasTag = (item, tag) => commentsOf(item).some((c) => c.blockTags?.some((b) => b.tag === tag));

/** A type in short. */
export function typeText(type) {
  if (!type) return '';
  switch (type.type) {
    case 'union':
      return type.types.map(typeText).join(' | ');
    case 'literal':
      return typeof type.value === 'string' ? `'${type.value}'` : String(type.value);
    case 'array':
      return `${typeText(type.elementType)}[]`;
    case 'typeOperator':
      return typeText(type.target);
    case 'tuple':
      return `[${(type.elements ?? []).map(typeText).join(', ')}]`;
    case 'reflection':
      return type.declaration.signatures ? 'function' : 'object';
    case 'intersection':
      return type.types.map(typeText).join(' & ');
    default:
      return type.name ?? type.type;
  }
}

/** Every item of the model by its number. */
export function index(api) {
  const found = new Map();
  const visit = (item) => {
    found.set(item.id, item);
    for (const child of item.children ?? []) visit(child);
  };
  visit(api);
  return found;
}
