/** The operators of ONNX, by domain and name. What most graphs are made of is here; the rest is loaded when a model needs it. */
import type { Operator, Operators } from '../../graph/core/registry';
import { ArgumentError } from '../../support/errors';
import type { Definition, Definitions } from './define';
import { FAMILIES, type Family } from './families';
import { picks } from './indexing';
import { continuing } from './layout';
import { linear } from './linear';
import { math, slopes } from './math';
import { movements } from './movement';
import { normalizations } from './normalization';
import { quantized } from './quantized';
import { reductions } from './reduce';
import { shapes } from './shape';
import { windows } from './vision/windows';

/** By domain the newest opset whose operators are those here. */
const NEWEST: Readonly<Record<string, number>> = {
  '': 28,
  'ai.onnx.ml': 5,
  'ai.onnx.preview': 1,
  'ai.onnx.preview.training': 1,
};

const core: Definitions = {
  ...continuing(math, [slopes]),
  ...shapes,
  ...reductions,
  ...picks,
  ...linear,
  ...normalizations,
  ...movements,
  ...windows,
  ...quantized,
};

const loaded = new Map<Family, Definitions>();

/** Operators that do not run, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  ImageDecoder:
    'decoders of pictures belong to the runtime; decode the file (sg.browser.fromPixels) and feed its pixels',
};

/** What graphs are made of besides operators. */
export const graphNodes: Operators = {
  Const: (call) => {
    throw call.fail('its value is not among the constants');
  },
  Placeholder: (call) => {
    throw new ArgumentError(`run: the input '${call.node.name}' is missing; pass it by its name`);
  },
};

const familyOf = (domain: string, op: string): Family | undefined =>
  FAMILIES.find((family) => family.domain === domain && family.names.includes(op));

/** Whether an operator has to be loaded before a model can use it. */
export function isAway(domain: string, op: string): boolean {
  const family = familyOf(domain, op);
  return family !== undefined && !loaded.has(family);
}

/** Loads operators: by domain and name, or all. */
export async function loadOperators(wanted?: Iterable<readonly [domain: string, op: string]>): Promise<void> {
  const families = wanted ? [...wanted].map(([domain, op]) => familyOf(domain, op)) : FAMILIES;
  await Promise.all(
    [...new Set(families)].map(async (family) => {
      if (family && !loaded.has(family)) loaded.set(family, await family.load());
    }),
  );
}

/** Operators that can be resolved now, by domain. */
export function definitions(): ReadonlyMap<string, Definitions> {
  const all = new Map([['', core]]);
  for (const [{ domain }, own] of loaded) all.set(domain, { ...all.get(domain), ...own });
  return all;
}

function definitionOf(domain: string, op: string): Definition | undefined {
  if (domain === '' && Object.hasOwn(core, op)) return core[op];
  const family = familyOf(domain, op);
  return family && loaded.get(family)?.[op];
}

/** The operator of a node, or why there is none. */
export type Resolved =
  | { readonly definition: Definition; readonly key: string; readonly operator: Operator }
  | { readonly reason: string };

const nameOf = (domain: string): string => domain || 'ai.onnx';

/** @param opset of the model; undefined: it names none for the domain */
export function resolve(domain: string, op: string, opset: number | undefined): Resolved {
  const newest = Object.hasOwn(NEWEST, domain) ? NEWEST[domain] : undefined;
  if (newest === undefined) return { reason: `the domain ${nameOf(domain)} is unknown` };
  const definition = definitionOf(domain, op);
  if (!definition)
    return { reason: (domain === '' && Object.hasOwn(REFUSED, op) && REFUSED[op]) || `unknown in ${nameOf(domain)}` };
  if (opset === undefined) return { reason: `the model names no opset of ${nameOf(domain)}` };
  if (opset > newest)
    return { reason: `opset ${opset} of ${nameOf(domain)} is newer than ${newest}, the newest known` };
  const since = Object.keys(definition.versions).map(Number);
  const form = Math.max(...since.filter((v) => v <= opset));
  if (!Number.isFinite(form))
    return {
      reason: `opset ${opset} of ${nameOf(domain)} has another form of it; runs from opset ${Math.min(...since)} on`,
    };
  const key = `${domain ? `${domain}::` : ''}${op}-${form}`;
  return { definition, key, operator: definition.versions[form] as Operator };
}
