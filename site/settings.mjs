// Whether functions know the settings that their types name: an unknown one makes them list all that they know.
import { index, Kind, signaturesOf } from './api.mjs';
import { settingsOf } from './tables.mjs';

const NAMESPACES =
  'layers train callbacks initializers regularizers constraints schedules losses metrics preprocessing'.split(' ');
const UNKNOWN = 'notASettingAtAll';
/** Settings of Keras 2 that are accepted in saved models, and change nothing. */
const OLD = ['implementation', 'numConstants'];
const FEWEST = 200;

/** The settings that a function lists; undefined if it does not take any as its first argument. */
async function knownTo(make) {
  try {
    await make({ [UNKNOWN]: 1 });
  } catch (error) {
    const listed = new RegExp(`unknown setting '${UNKNOWN}'; known are (.*)$`).exec(error.message)?.[1];
    return listed?.split(', ').filter(Boolean);
  }
  return undefined;
}

/** Members of the first argument, in all forms of a call, where it is an object of settings. */
const membersOf = (signatures, items, type) =>
  signatures.flatMap(({ parameters: [first] = [] }) => {
    if (!first || first.flags?.isRest) return [];
    return settingsOf({ parameters: [first] }, items, type).flatMap((one) => (one === first ? [] : [one.name]));
  });

/** Settings that only the types or only the function knows, one line each. */
export async function findDifferences(api, library) {
  const items = index(api);
  const differences = [];
  let count = 0;
  for (const name of NAMESPACES) {
    const namespace = api.children.find((c) => c.name === name && c.kind === Kind.namespace);
    for (const item of namespace.children) {
      const make = library[name][item.name];
      const signatures = signaturesOf(item, items);
      const isCalled =
        typeof make === 'function' && signatures.some(({ parameters }) => !parameters?.[0]?.flags?.isRest);
      const known = isCalled ? await knownTo(make) : undefined;
      if (!known) continue;
      count++;
      const typed = membersOf(signatures, items, item.type);
      for (const one of typed)
        if (!known.includes(one)) differences.push(`${name}.${item.name}: refuses the setting ${one}`);
      for (const one of known)
        if (!typed.includes(one) && !OLD.includes(one))
          differences.push(`${name}.${item.name}: its types lack the setting ${one}`);
    }
  }
  if (count < FEWEST) differences.push(`only ${count} functions with settings were found`);
  return differences;
}
