/** Names as Keras writes them, and as this library does: snake_case and camelCase, of settings and of choices. */

/** `beta_1` and `beta1`, `l1l2` and `l1_l2`, are names of their own; all others follow the rule. */
const TO_OWN: Readonly<Record<string, string>> = {
  clipnorm: 'clipNorm',
  clipvalue: 'clipValue',
  global_clipnorm: 'globalClipNorm',
  inputs: 'inputs',
};
const TO_KERAS = Object.fromEntries(Object.entries(TO_OWN).map(([keras, own]) => [own, keras]));

/** `return_sequences` as `returnSequences`. */
export const camel = (name: string): string =>
  TO_OWN[name] ?? name.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** `returnSequences` as `return_sequences`, `beta1` as `beta_1`. */
export const snake = (name: string): string =>
  TO_KERAS[name] ??
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^((?:adam_)?beta|epsilon)(?=\d)/, '$1_');

/** The name of a class as Keras makes names of objects of it: `Conv2DTranspose` as `conv2d_transpose`. */
export const objectName = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** Settings whose value is one of some names. */
const CHOICES = new Set([
  'activation',
  'classAggregation',
  'curve',
  'dataFormat',
  'distribution',
  'fillMode',
  'interpolation',
  'mergeMode',
  'mode',
  'outputMode',
  'padding',
  'recurrentActivation',
  'reduction',
  'scoreMode',
  'summationMethod',
]);

/** The value of a setting of Keras, by the setting's own name. */
export const ownChoice = (setting: string, value: unknown): unknown =>
  typeof value === 'string' && CHOICES.has(setting) ? (/^[A-Z]+$/.test(value) ? value : camel(value)) : value;

/** The reverse of `ownChoice`. */
export const kerasChoice = (setting: string, value: unknown): unknown =>
  typeof value === 'string' && CHOICES.has(setting) ? (/^[A-Z]+$/.test(value) ? value : snake(value)) : value;
