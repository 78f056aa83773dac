// Tables of all layers, losses, metrics, optimizers, schedules and callbacks with their arguments, as Markdown.
import { index, Kind, signaturesOf, summaryOf, typeText } from './api.mjs';

const SUBJECTS = {
  layers: 'Layers',
  losses: 'Losses',
  metrics: 'Metrics',
  train: 'Optimizers',
  schedules: 'Schedules',
  callbacks: 'Callbacks',
  initializers: 'Initializers',
  regularizers: 'Regularizers',
  constraints: 'Constraints',
  activations: 'Activations',
  preprocessing: 'Preprocessing',
};

const cell = (text) => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim();
/** The first sentence. */
const first = (text) => cell(text).replace(/^(.*?[.;])(\s.*)$/, '$1');

/** The types that a type is made of, with those of generic types in the place of their parameters. */
function partsOf(type, items, given) {
  if (type?.type === 'union' || type?.type === 'intersection')
    return type.types.flatMap((t) => partsOf(t, items, given));
  if (type?.refersToTypeParameter) return given?.[type.name] ? partsOf(given[type.name], items) : [type];
  const alias = items.get(type?.target);
  const isWrapper = alias?.kind === Kind.alias && ['intersection', 'reference'].includes(alias.type?.type);
  if (isWrapper) return partsOf(alias.type, items, argumentsOf(alias.typeParameters, type.typeArguments, given));
  if (['Partial', 'Omit'].includes(type?.name) && type.package === 'typescript')
    return partsOf(type.typeArguments[0], items, given);
  return type ? [type] : [];
}

/** Types by the names of the parameters that they are given for. */
const argumentsOf = (parameters = [], types = [], given = {}) =>
  Object.fromEntries(
    parameters.flatMap(({ name }, i) => {
      const type = types[i]?.refersToTypeParameter ? given[types[i].name] : types[i];
      return type ? [[name, type]] : [];
    }),
  );

/**
 * The settings of a function: the members of its arguments that are objects, else the arguments themselves.
 * @param type of a constant that holds the function, whose type arguments are then known
 */
export function settingsOf(signature, items, type) {
  const factory = items.get(type?.target);
  const given = argumentsOf(factory?.typeParameters, type?.typeArguments);
  return (signature.parameters ?? []).flatMap((parameter) => {
    const members = partsOf(parameter.type, items, given).flatMap((part) => {
      const known = items.get(part?.target) ?? part?.declaration;
      return (known?.kind === Kind.interface || known?.children) && !known.signatures ? (known.children ?? []) : [];
    });
    return members.length && parameter.type?.name !== 'Tensor' ? members : [parameter];
  });
}

const settingText = (item) => {
  const isOptional = item.flags?.isOptional || item.defaultValue !== undefined;
  return `\`${item.name}${isOptional ? '?' : ''}\` ${cell(typeText(item.type))}`;
};

function table(title, namespace, items) {
  const rows = namespace.children
    .filter(({ kind }) => kind === Kind.function || kind === Kind.variable)
    .filter((item) => signaturesOf(item, items).length > 0)
    .map((item) => {
      const settings = settingsOf(signaturesOf(item, items)[0], items, item.type).map(settingText).join('<br>');
      return `| \`sg.${namespace.name}.${item.name}\` | ${first(summaryOf(item))} | ${settings} |`;
    });
  return [
    `---`,
    `title: All ${title.toLowerCase()}`,
    `---`,
    '',
    `# ${title}`,
    '',
    '| | | arguments |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Markdown by name of the file. */
export function tablesOf(api) {
  const items = index(api);
  return Object.fromEntries(
    Object.entries(SUBJECTS).map(([name, title]) => {
      const namespace = api.children.find((c) => c.name === name && c.kind === Kind.namespace);
      if (!namespace) throw new Error(`there is no namespace ${name}`);
      return [name, table(title, namespace, items)];
    }),
  );
}
