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
const first = (text) => cell(text).replace(/^(.*?[.;:])(\s.*)$/, '$1');

/** The settings of a function: the members of its arguments that are objects, else the arguments themselves. */
function settingsOf(signature, items) {
  return (signature.parameters ?? []).flatMap((parameter) => {
    const types = parameter.type?.type === 'union' ? parameter.type.types : [parameter.type];
    const members = types.flatMap((type) => {
      const known = items.get(type?.target) ?? type?.declaration;
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
    .filter((item) => signaturesOf(item).length > 0)
    .map((item) => {
      const settings = settingsOf(signaturesOf(item)[0], items).map(settingText).join('<br>');
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
