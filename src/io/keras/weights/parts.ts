/** What a model is made of, as Keras walks through it: layers by the attributes that hold them, with their own variables. */
import { InputLayer } from '../../../layers/base/input';
import { ADDED, CHILDREN } from '../../../layers/base/keys';
import { Layer } from '../../../layers/base/layer';
import { serializeLayer } from '../../../layers/base/registry';
import { Functional } from '../../../models/functional/functional';
import { Model } from '../../../models/model';
import { Sequential } from '../../../models/sequential';
import { isPlainObject } from '../../../support/plain-object';
import type { Variable } from '../../../tensor/variable';
import { kerasOrder, type OwnGraph } from '../config/graph';
import { objectName, snake } from '../config/spelling';

/** A layer, or what is one in Keras. */
export interface Part {
  readonly name: string;
  /** The name of its class, as Keras makes names of it. */
  readonly kind: string;
  /** Its own variables, in Keras' order. */
  readonly variables: readonly Variable[];
  /** Whether Keras keeps one more number here: how many examples a normalization has seen. */
  readonly counts?: boolean;
  readonly inside: readonly Inside[];
  readonly layer?: Layer;
}

/** An attribute that holds one part, or a list of them. */
export type Inside = readonly [attribute: string, parts: Part | readonly Part[]];

/** Projections of attention, which are layers in Keras: their names here, and those of the attributes. */
const PROJECTIONS: Readonly<Record<string, string>> = {
  query: 'query_dense',
  key: 'key_dense',
  value: 'value_dense',
  attention_output: 'output_dense',
};

export function partOf(layer: Layer): Part {
  const children = layer[CHILDREN] as readonly Layer[];
  const inner = new Set(children.flatMap((child) => child.weights));
  const own = layer.weightsByLayer.filter((w) => !inner.has(w));
  const direct = own.filter((w) => !projectionOf(layer, w));
  return {
    layer,
    name: layer.name,
    kind: objectName(withoutPackage(layer.className)),
    variables: layer.className === 'SpectralNormalization' ? [...kernelInside(children), ...direct] : direct,
    counts: layer.className === 'Normalization' && own.length > 0,
    inside: layer instanceof Model ? insideModel(layer) : [...projections(layer, own), ...held(layer, children)],
  };
}

/** Keras counts the kernel that is normalized as the wrapper's own, too. */
const kernelInside = (children: readonly Layer[]): Variable[] => children.flatMap((child) => child.weights.slice(0, 1));

/** Keras names groups by the class alone, without the package that it is registered in. */
const withoutPackage = (className: string): string => className.slice(className.indexOf('>') + 1);

function projectionOf(layer: Layer, { name }: Variable): string | undefined {
  const [first, second] = name.slice(layer.name.length + 1).split('/');
  return second === undefined ? undefined : first;
}

function projections(layer: Layer, own: readonly Variable[]): Inside[] {
  const names = [...new Set(own.map((w) => projectionOf(layer, w)))].filter((name) => name !== undefined);
  return names.map((name): Inside => {
    const variables = own.filter((w) => projectionOf(layer, w) === name);
    const attribute = PROJECTIONS[name] ?? name;
    const isHidden = layer.className === 'GroupedQueryAttention';
    return [isHidden ? `_${attribute}` : attribute, { name, kind: 'einsum_dense', variables, inside: [] }];
  });
}

/** A model's layers, in the order in which Keras lists them. */
function insideModel(model: Model): Inside[] {
  const extra = (model[ADDED] as readonly Layer[]).filter((layer) => !model.layers.includes(layer));
  const layers = [...layersInOrder(model), ...extra];
  return [['layers', layers.map(partOf)]];
}

export function layersInOrder(model: Model): readonly Layer[] {
  if (model instanceof Sequential) return model.layers.filter((layer) => !(layer instanceof InputLayer));
  if (!(model instanceof Functional)) return model.layers;
  const graph = serializeLayer(model).config as unknown as OwnGraph;
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  return kerasOrder(graph).flatMap(({ name }) => byName.get(name) ?? []);
}

/** Layers in the properties of a layer, and those that it was given by `addLayer`. */
function held(layer: Layer, children: readonly Layer[]): Inside[] {
  const left = new Set(children);
  const found: Inside[] = [];
  const take = (value: unknown): Layer[] => {
    if (value instanceof Layer) return left.delete(value) ? [value] : [];
    const list =
      Array.isArray(value) || value instanceof Set ? [...value] : isPlainObject(value) ? Object.values(value) : [];
    return list.flatMap((v) => (v instanceof Layer ? take(v) : []));
  };
  for (const key of Object.keys(layer)) {
    const value: unknown = Object.getOwnPropertyDescriptor(layer, key)?.value;
    const layers = take(value);
    const [only] = layers;
    if (value instanceof Layer && only) found.push([snake(key), partOf(only)]);
    else if (layers.length) found.push([snake(key), layers.map(partOf)]);
  }
  for (const child of left) found.push([child.name, partOf(child)]);
  return found;
}

/** All variables in Keras' order: a layer's own, trained ones first, then those of the layers inside. */
export function variablesOf(part: Part): Variable[] {
  const inner = part.inside.flatMap(([, parts]) => [parts].flat().flatMap(variablesOf));
  return [...new Set([...part.variables, ...inner])];
}

/** The names that Keras gives the parts of a list: by class, with a number from the second on. */
export function groupNames(parts: readonly Part[]): string[] {
  const used = new Map<string, number>();
  return parts.map(({ kind }) => {
    const count = used.get(kind) ?? 0;
    used.set(kind, count + 1);
    return count ? `${kind}_${count}` : kind;
  });
}
