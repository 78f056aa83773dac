// What the comments of public names lack.
import { hasTag, index, Kind, signaturesOf, summaryOf } from './api.mjs';

/** Helpers of TensorFlow.js for numbers, strings and arrays that check nothing, here as there. */
const UNCHECKED = new Set(
  'bytesFromStringArray clamp computeStrides createShuffledIndices encodeString flatten indexToLoc inferDtype locToIndex nearestLargerEven randUniform rightPad shuffle sizeFromShape sizeToSquarishShape sum swap tanh'
    .split(' ')
    .map((name) => `util.${name}`)
    .concat('deprecationWarn', 'findBackend'),
);

/** Functions without arguments have nothing to refuse, and predicates answer for every value. */
const canThrow = (item, name, items) =>
  !UNCHECKED.has(name) &&
  signaturesOf(item, items).some(
    ({ parameters = [], type }) => parameters.length > 0 && type?.type !== 'predicate' && type?.name !== 'boolean',
  );

/** What looks up, saves or reports, without a formula. */
const NO_FORMULA =
  /^(get[A-Z]|serialize$|deserialize$|fans$|computeWeightedLoss$|classificationReport$|mean$|sum$|meanMetricWrapper$)/;
/** Settings that are left out without a default: functions to be called, and what is not checked then. */
const NO_DEFAULT = /\.on[A-Z]|^InputSpecArgs\./;
/** Namespaces of formulas: each says which, or whose it is. */
const FORMULAS = [
  'losses',
  'metrics',
  'schedules',
  'initializers',
  'regularizers',
  'constraints',
  'activations',
  'train',
];
const FORMULA = /[=+·/√Σ²|^<>]|\b(1[6-9]|20)\d\d\b|`sg\.|`\w+`/;

/** Every gap as one line: the name, and what is missing. */
export function findGaps(api) {
  const items = index(api);
  const gaps = [];
  const visit = (item, path) => {
    const name = path ? `${path}.${item.name}` : item.name;
    const isOverride = item.overwrites ?? item.getSignature?.overwrites ?? signaturesOf(item)[0]?.overwrites;
    if (item.inheritedFrom || isOverride || item.kind === Kind.namespace) {
      // Told where it is defined first.
    } else if (
      [
        Kind.function,
        Kind.variable,
        Kind.class,
        Kind.interface,
        Kind.property,
        Kind.method,
        Kind.accessor,
        Kind.alias,
      ].includes(item.kind)
    ) {
      if (!summaryOf(item).trim()) gaps.push(`${name}: no description`);
      const isFunction =
        item.kind === Kind.function || (item.kind === Kind.variable && signaturesOf(item, items).length > 0);
      if (isFunction && canThrow(item, name, items) && !hasTag(item, '@throws')) gaps.push(`${name}: no @throws`);
      if (isFunction && !hasTag(item, '@example')) gaps.push(`${name}: no @example`);
      if (isFunction && FORMULAS.includes(path) && !NO_FORMULA.test(item.name) && !FORMULA.test(summaryOf(item)))
        gaps.push(`${name}: no formula or source`);
      const isSetting =
        item.kind === Kind.property && item.flags?.isOptional && /(Args|Settings|Options|Config)$/.test(path);
      if (isSetting && !NO_DEFAULT.test(name) && !/default|same as/i.test(summaryOf(item)))
        gaps.push(`${name}: no default`);
    }
    if (item.kind === Kind.namespace || item.kind === Kind.class || item.kind === Kind.interface)
      for (const child of item.children ?? []) if (child.name !== 'constructor') visit(child, name);
  };
  for (const item of api.children) visit(item, '');
  return gaps;
}
