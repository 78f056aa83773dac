/** The operators of ONNX, by domain and name. */
import type { Operator, OperatorSet } from '../../graph/core/registry';
import { control, graphNodes } from './control';
import type { Definition, Definitions } from './define';
import { picks } from './indexing';
import { continuing } from './layout';
import { linear } from './linear';
import { lists } from './lists';
import { losses } from './losses';
import { math, slopes } from './math';
import { ml } from './ml/index';
import { movements } from './movement';
import { normalizations } from './normalization';
import { quantized } from './quantized';
import { reductions } from './reduce';
import { selections } from './selection';
import { previews } from './sequences/attention';
import { sequences } from './sequences/index';
import { shapes } from './shape';
import { strings } from './strings';
import { training } from './training';
import { vision } from './vision/index';

interface Domain {
  readonly definitions: Definitions;
  /** The newest opset whose operators are those here. */
  readonly newest: number;
}

const DOMAINS: Readonly<Record<string, Domain>> = {
  '': {
    definitions: {
      ...continuing(math, [slopes]),
      ...shapes,
      ...reductions,
      ...picks,
      ...linear,
      ...normalizations,
      ...losses,
      ...movements,
      ...quantized,
      ...control,
      ...selections,
      ...vision,
      ...sequences,
      ...lists,
      ...strings,
    },
    newest: 28,
  },
  'ai.onnx.ml': { definitions: ml, newest: 5 },
  'ai.onnx.preview': { definitions: previews, newest: 1 },
  'ai.onnx.preview.training': { definitions: training, newest: 1 },
};

/** Operators that do not run, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  ImageDecoder:
    'decoders of pictures belong to the runtime; decode the file (sg.browser.fromPixels) and feed its pixels',
};

/** The operator of a node, or why there is none. */
export type Resolved =
  | { readonly definition: Definition; readonly key: string; readonly operator: Operator }
  | { readonly reason: string };

const nameOf = (domain: string): string => domain || 'ai.onnx';

/** @param opset of the model; undefined: it names none for the domain */
export function resolve(domain: string, op: string, opset: number | undefined): Resolved {
  const known = Object.hasOwn(DOMAINS, domain) ? DOMAINS[domain] : undefined;
  if (!known) return { reason: `the domain ${nameOf(domain)} is unknown` };
  const definition = Object.hasOwn(known.definitions, op) ? known.definitions[op] : undefined;
  if (!definition)
    return { reason: (domain === '' && Object.hasOwn(REFUSED, op) && REFUSED[op]) || `unknown in ${nameOf(domain)}` };
  if (opset === undefined) return { reason: `the model names no opset of ${nameOf(domain)}` };
  if (opset > known.newest)
    return { reason: `opset ${opset} of ${nameOf(domain)} is newer than ${known.newest}, the newest known` };
  const since = Object.keys(definition.versions).map(Number);
  const form = Math.max(...since.filter((v) => v <= opset));
  if (!Number.isFinite(form))
    return {
      reason: `opset ${opset} of ${nameOf(domain)} has another form of it; runs from opset ${Math.min(...since)} on`,
    };
  const key = `${domain ? `${domain}::` : ''}${op}-${form}`;
  return { definition, key, operator: definition.versions[form] as Operator };
}

/** All forms of all operators by their keys. */
function tabulate(isPure: boolean): Record<string, Operator> {
  const out: Record<string, Operator> = {};
  for (const [domain, { definitions }] of Object.entries(DOMAINS))
    for (const [op, definition] of Object.entries(definitions))
      if (definition.isPure === isPure)
        for (const [since, operator] of Object.entries(definition.versions))
          out[`${domain ? `${domain}::` : ''}${op}-${since}`] = operator;
  return out;
}

export const operators: OperatorSet = {
  pure: tabulate(true),
  other: { ...tabulate(false), ...graphNodes },
  refused: {},
};
