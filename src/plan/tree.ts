/** Nested arguments and results: arrays and plain objects with tensors, and values that stay the same, as leaves. */
import { ArgumentError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { type Shape, sameShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { Variable } from '../tensor/variable';

/** What a nested value looks like. */
export type Template =
  | { readonly kind: 'tensor'; readonly shape: Shape; readonly dtype: string }
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'record'; readonly keys: readonly string[]; readonly items: readonly Template[] };

/** Levels of lists and objects that are looked through. */
const DEEPEST = 64;

/** A value's template; its tensors are appended to `leaves`. Variables among arguments are not data but places. */
export function describe(value: unknown, leaves: Tensor[], isResult: boolean, depth = 0): Template {
  if (depth > DEEPEST)
    throw new ArgumentError(
      `jit: a ${isResult ? 'result' : 'argument'} is nested more than ${DEEPEST} deep, or contains itself`,
    );
  if (value instanceof Tensor && (isResult || !(value instanceof Variable))) {
    leaves.push(value);
    return { kind: 'tensor', shape: value.shape, dtype: value.dtype };
  }
  if (Array.isArray(value)) return { kind: 'list', items: value.map((v) => describe(v, leaves, isResult, depth + 1)) };
  if (!isPlainObject(value)) return { kind: 'static', value };
  const keys = Object.keys(value);
  return { kind: 'record', keys, items: keys.map((k) => describe(value[k], leaves, isResult, depth + 1)) };
}

/** Whether a value looks like the template; its tensors are appended to `leaves`. */
export function matches(template: Template, value: unknown, leaves: Tensor[]): boolean {
  switch (template.kind) {
    case 'tensor':
      if (!(value instanceof Tensor) || value instanceof Variable) return false;
      leaves.push(value);
      return value.dtype === template.dtype && sameShape(value.shape, template.shape);
    case 'static':
      return Object.is(template.value, value);
    case 'list':
      return (
        Array.isArray(value) &&
        value.length === template.items.length &&
        template.items.every((t, i) => matches(t, value[i], leaves))
      );
    case 'record': {
      const { keys, items } = template;
      return (
        isPlainObject(value) &&
        Object.keys(value).length === keys.length &&
        items.every((t, i) => (keys[i] as string) in value && matches(t, value[keys[i] as string], leaves))
      );
    }
  }
}

/** The value of a template, its tensors taken one by one from `next`. */
export function rebuild(template: Template, next: () => Tensor): unknown {
  switch (template.kind) {
    case 'tensor':
      return next();
    case 'static':
      return template.value;
    case 'list':
      return template.items.map((t) => rebuild(t, next));
    case 'record':
      return Object.fromEntries(template.items.map((t, i) => [template.keys[i], rebuild(t, next)]));
  }
}
