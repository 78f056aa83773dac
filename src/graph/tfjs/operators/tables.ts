/** Hash tables, which a graph fills before it runs and reads. */
import { tensor } from '../../../ops/create/creation';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { HostArray, hostScalar, Resource, Texts, type Value } from '../../core/value';

type Entry = string | number;

/** The numbers or strings of an operand. */
function entries(call: Call, i: number): ArrayLike<Entry> {
  const value = call.value(i);
  return value instanceof Texts ? value.data : call.data(i).data;
}

function tableOf(call: Call): Map<Entry, Entry> {
  const { name } = call.resource(0);
  const { tables } = call.context;
  const table = tables.get(name) ?? new Map<Entry, Entry>();
  tables.set(name, table);
  return table;
}

function fill(call: Call): Value {
  const [keys, values] = [entries(call, 1), entries(call, 2)];
  if (keys.length !== values.length) throw call.fail(`${keys.length} keys for ${values.length} values`);
  const table = tableOf(call);
  table.clear();
  for (let i = 0; i < keys.length; i++) table.set(keys[i] as Entry, values[i] as Entry);
  return call.value(0);
}

function find(call: Call): Value {
  const table = tableOf(call);
  const keys = entries(call, 1);
  const other = entries(call, 2)[0];
  if (other === undefined) throw call.fail('needs a default value');
  const found = Array.from(keys, (key) => table.get(key) ?? other);
  const shape = call.shape(1);
  if (typeof other === 'string') return new Texts(found.map(String), shape);
  const isKnown = call.value(1) instanceof HostArray || call.value(1) instanceof Texts;
  const numbers = found as number[];
  return isKnown
    ? new HostArray(numbers, shape, call.dtype(2))
    : tensor(Float64Array.from(numbers), [...shape], call.dtype(2));
}

const create = (call: Call): Value => new Resource(call.node.name);

export const tables: Operators = {
  HashTable: create,
  HashTableV2: create,
  LookupTableImport: fill,
  LookupTableImportV2: fill,
  InitializeTable: fill,
  InitializeTableV2: fill,
  LookupTableFind: find,
  LookupTableFindV2: find,
  LookupTableSize: (call) => hostScalar(tableOf(call).size),
  LookupTableSizeV2: (call) => hostScalar(tableOf(call).size),
};
