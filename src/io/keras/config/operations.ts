/** Arithmetic between layers, which Keras 3 records as operations: of two values, or of a value and a number. */

import { registered } from '../../../layers/base/names';
import type { SerializedLayer } from '../../../layers/base/registry';
import { isPlainObject } from '../../../support/plain-object';
import { type Json, refuse, textOf } from './json';

/** Operations of two values that are layers here. */
const MERGES = ['Add', 'Subtract', 'Multiply', 'Maximum', 'Minimum'];

/** Operations that masks are made of. */
const OF_MASKS = new Set([
  'NotEqual',
  'Any',
  'All',
  'LogicalAnd',
  'LogicalOr',
  'Concatenate',
  'ExpandDims',
  'Reshape',
  'Squeeze',
  'Cast',
]);

/** The name of the layer whose result a reference is. */
export function referred(v: unknown): string | undefined {
  if (!isPlainObject(v) || v.class_name !== '__keras_tensor__' || !isPlainObject(v.config)) return undefined;
  const { keras_history: place } = v.config;
  return Array.isArray(place) && typeof place[0] === 'string' ? place[0] : undefined;
}

/** Arguments of the calls of a layer, by position. */
function argumentsOf({ inbound_nodes: nodes }: Json): readonly (readonly unknown[])[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.map((node) => (isPlainObject(node) && Array.isArray(node.args) ? (node.args as unknown[]) : []));
}

/** Whether a layer is an operation: files without modules tell by how it is called. */
export function isOperation(spec: Json): boolean {
  const { module, class_name: name } = spec;
  if (typeof module === 'string') return /\bops\b/.test(module);
  if (module !== undefined || registered(String(name))) return false;
  if (name === 'NotEqual' || name === 'Any' || name === 'All') return true;
  return (
    (MERGES.includes(String(name)) || name === 'TrueDivide' || name === 'Divide') &&
    argumentsOf(spec).some((args) => args.length > 1)
  );
}

/**
 * Names of the operations of a model that are masks: Keras 3 records them, here they come from the layers themselves.
 */
export function masksIn(specs: readonly Json[]): ReadonlySet<string> {
  const sources = specs.flatMap((spec) => {
    const config = isPlainObject(spec.config) ? spec.config : {};
    const value =
      spec.class_name === 'Masking'
        ? config.mask_value
        : spec.class_name === 'Embedding' && config.mask_zero
          ? 0
          : undefined;
    return argumentsOf(spec).map((args) => JSON.stringify([value, referred(args[0])]));
  });
  const masks = new Set<string>();
  const isMask = (spec: Json): boolean => {
    if (!OF_MASKS.has(String(spec.class_name))) return false;
    return argumentsOf(spec).every((args) => {
      if (spec.class_name === 'NotEqual') return sources.includes(JSON.stringify([args[1], referred(args[0])]));
      const inputs = args
        .flat()
        .map(referred)
        .filter((name) => name !== undefined);
      return inputs.length > 0 && inputs.every((name) => masks.has(name));
    });
  };
  for (let size = -1; size !== masks.size; ) {
    size = masks.size;
    for (const spec of specs) if (isOperation(spec) && isMask(spec)) masks.add(String(spec.name));
  }
  return masks;
}

/** @throws FormatError for other operations */
export function binaryOperation(spec: Json, config: Json): SerializedLayer {
  const kind = textOf(spec.class_name, 'the class of an operation');
  const name = textOf(config.name ?? spec.name, 'the name of an operation');
  const all = argumentsOf(spec);
  if (MERGES.includes(kind) && all.every((args) => args.length === 2 && args.every(referred)))
    return { className: kind, config: { name } };
  const [first = []] = all;
  const [a, b] = first;
  if (all.length === 1 && first.length === 2) {
    const c = typeof b === 'number' ? b : typeof a === 'number' ? a : undefined;
    const isFirst = typeof b === 'number';
    const scaled = c === undefined ? undefined : rescaling(kind, c, isFirst);
    if (scaled) return { className: 'Rescaling', config: { name, ...scaled } };
  }
  return refuse(
    `'${name}' is the operation ${kind} of keras.ops, which cannot be loaded; make it a layer of your own in Keras, and register one of that name with sg.serialization.registerClass`,
  );
}

/** x op c, or c op x, as x · scale + offset. */
function rescaling(kind: string, c: number, isFirst: boolean): { scale: number; offset: number } | undefined {
  if (kind === 'Add') return { scale: 1, offset: c };
  if (kind === 'Subtract') return isFirst ? { scale: 1, offset: -c } : { scale: -1, offset: c };
  if (kind === 'Multiply') return { scale: c, offset: 0 };
  if ((kind === 'TrueDivide' || kind === 'Divide') && isFirst && c !== 0) return { scale: 1 / c, offset: 0 };
  return undefined;
}
