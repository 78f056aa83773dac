/** Attributes of nodes in the form of the core. */
import type { Attribute } from '../../graph/core/graph';
import { FormatError } from '../../support/errors';
import { type AttributeProto, AttributeType } from '../proto/schema';
import type { Int64 } from '../proto/wire';
import { type External, storedTensor } from './elements';

const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array | undefined): string => decoder.decode(bytes ?? new Uint8Array(0));
/** The nearest number: what has to be exact is in tensors. */
const numberOf = (value: Int64): number => Number(value);

/** The field that is in use; old files do not say it. */
function kindOf(a: AttributeProto): number {
  if (a.type) return a.type;
  const used = Object.entries({
    float: a.f,
    int: a.i,
    string: a.s,
    tensor: a.t,
    graph: a.g,
    floats: a.floats,
    ints: a.ints,
    strings: a.strings,
    tensors: a.tensors,
    graphs: a.graphs,
  }).find(([, value]) => value !== undefined);
  return used ? AttributeType[used[0] as keyof typeof AttributeType] : 0;
}

/**
 * What a node says in an attribute, without graphs, which are read apart.
 * @returns a list of entries; a tensor has a second one with its element type
 */
export function readAttribute(a: AttributeProto, where: string, external: External): [string, Attribute][] {
  const { name = '' } = a;
  const one = (attribute: Attribute): [string, Attribute][] => [[name, attribute]];
  switch (kindOf(a)) {
    case AttributeType.float:
      return one({ kind: 'number', value: a.f ?? 0 });
    case AttributeType.int:
      return one({ kind: 'number', value: numberOf(a.i ?? 0) });
    case AttributeType.string:
      return one({ kind: 'text', value: textOf(a.s) });
    case AttributeType.floats:
      return one({ kind: 'numbers', value: a.floats ?? [] });
    case AttributeType.ints:
      return one({ kind: 'numbers', value: (a.ints ?? []).map(numberOf) });
    case AttributeType.strings:
      return one({ kind: 'texts', value: (a.strings ?? []).map(textOf) });
    case AttributeType.tensor: {
      const stored = storedTensor(a.t ?? {}, `${where}, attribute ${name}`, external);
      return [
        [name, { kind: 'value', value: stored.known() }],
        [`${name}:type`, { kind: 'type', value: stored.type }],
      ];
    }
    // Nothing that operators ask for.
    case AttributeType.graph:
    case AttributeType.graphs:
    case AttributeType.tensors:
    case AttributeType.typeProto:
    case AttributeType.typeProtos:
    case AttributeType.sparseTensor:
    case AttributeType.sparseTensors:
      return [];
    default:
      throw new FormatError(`${where}: attribute '${name}' has the unknown type ${a.type ?? 0}`);
  }
}
