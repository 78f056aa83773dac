/** Names of activations: hard_sigmoid of Keras 3 is another function than that of Keras 2. */
import { registered } from '../../../layers/base/names';
import { isPlainObject } from '../../../support/plain-object';
import { isObjectOfClass, type Json, type Origin, objectOf, refuse, textOf } from './json';
import { camel, snake } from './spelling';

/** What Keras 3 can be told min(max(0.2 x + 0.5, 0), 1) by, which it has no name for. */
const OLD_HARD_SIGMOID: Json = {
  module: 'keras',
  class_name: 'Sequential',
  config: {
    name: 'hard_sigmoid_of_keras_2',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'Rescaling',
        config: { name: 'scaled', scale: 0.2, offset: 0.5 },
        registered_name: null,
      },
      {
        module: 'keras.layers',
        class_name: 'ReLU',
        config: { name: 'clipped', max_value: 1.0 },
        registered_name: null,
      },
    ],
  },
  registered_name: null,
};

/** @throws FormatError if it is not the name of a function */
export function readActivation(value: unknown, { version }: Origin): unknown {
  if (value === null || value === undefined) return 'linear';
  if (isObjectOfClass(value)) return ofObject(value, version);
  const name = textOf(value, 'an activation');
  return ofName(name, version);
}

function ofName(name: string, version: Origin['version']): string {
  if (registered(name)) return name;
  const own = camel(name);
  return own === 'hardSigmoid' && version === 3 ? 'hardSigmoid6' : own;
}

function ofObject(value: Json & { class_name: string }, version: Origin['version']): string {
  const { class_name: className, config, registered_name: full } = value;
  if (typeof full === 'string' && registered(full)) return full;
  if (className === 'function') return ofName(textOf(config, 'an activation'), version);
  if (isPlainObject(config) && config.name === objectOf(OLD_HARD_SIGMOID.config, '').name) return 'hardSigmoid';
  // A layer without settings of its own stands for the function of its name.
  return refuse(
    `an activation is an object of class ${className}; use a layer of it instead, or register a function of that name with sg.serialization.registerClass`,
  );
}

/** Activations that Keras has none of, or none without settings. */
const NOT_IN_KERAS = new Set(['geluNew', 'step', 'threshold']);

/** An activation for Keras 3. */
export function writeActivation(name: unknown): unknown {
  if (typeof name !== 'string') return name;
  if (registered(name)) return { module: null, class_name: 'function', config: name, registered_name: name };
  if (name === 'hardSigmoid' || name === 'hard_sigmoid') return OLD_HARD_SIGMOID;
  if (name === 'hardSigmoid6') return 'hard_sigmoid';
  const own = camel(name);
  if (NOT_IN_KERAS.has(own))
    return refuse(
      `the activation '${name}' has no name in Keras; register a function of that name in both, or use another`,
    );
  return snake(name);
}
