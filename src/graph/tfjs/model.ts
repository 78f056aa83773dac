/** Graph models of TensorFlow.js: `model.json` and its weights. */
import type { ModelArtifacts } from '../../io/artifacts';
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { withGraph } from '../../tensor/graph';
import { Constants, type StoredValue } from '../core/constants';
import type { Port } from '../core/graph';
import { Machine, RealContext } from '../core/machine';
import { GraphModel, type GraphParts } from '../core/model';
import { planFor } from '../core/order';
import { checkOperators } from '../core/registry';
import { Runner } from '../core/runner';
import type { Value } from '../core/value';
import { artifactsOf } from './artifacts';
import { operators } from './operators';
import { type ReadGraph, readGraph } from './read';

const nameOf = ({ name }: Port): string => name;

/** Runs the graph that fills tables; its outputs by the number of the resource. */
function initialize(
  artifacts: ModelArtifacts,
  constants: Constants,
  where: string,
): [Map<string, Value>, Machine['tables']] {
  const resources = new Map<string, Value>();
  const { modelInitializer, initializerSignature } = artifacts;
  if (!isPlainObject(modelInitializer) || !Array.isArray(modelInitializer.node)) return [resources, new Map()];
  const read = readGraph(modelInitializer, initializerSignature, `${where}: initializer`);
  checkOperators(operators, [read.main, ...read.functions.values()], where);
  const machine = new Machine(read, operators, constants, (m, plan) => new Runner(m, plan));
  const { main } = read;
  const plan = planFor(
    main,
    [],
    main.outputs.map(({ ref }) => ref),
  );
  const values = withGraph(undefined, () => new Runner(machine, plan).run([], new RealContext(machine)));
  const entries =
    isPlainObject(initializerSignature) && isPlainObject(initializerSignature.outputs)
      ? initializerSignature.outputs
      : {};
  main.outputs.map(nameOf).forEach((name, i) => {
    const info = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (isPlainObject(info) && info.resourceId !== undefined)
      resources.set(String(info.resourceId), values[i] as Value);
  });
  return [resources, machine.tables];
}

function capturedOf({ resources }: ReadGraph, values: ReadonlyMap<string, Value>, where: string): Map<string, Value> {
  return new Map(
    [...resources].map(([name, id]) => {
      const value = values.get(id);
      if (value === undefined)
        throw new FormatError(`${where}: the initializer does not return resource ${id} for input '${name}'`);
      return [name, value];
    }),
  );
}

/** The names that a file has for its outputs if `predict` returns an object. */
function structuredKeys({ userDefinedMetadata: metadata }: ModelArtifacts): readonly string[] | undefined {
  const keys = metadata?.structuredOutputKeys;
  return Array.isArray(keys) && keys.every((key) => typeof key === 'string') ? keys : undefined;
}

/**
 * A model of its parts.
 * @throws FormatError for a damaged graph; RuntimeSupportError that lists all operators that do not run. No memory is
 * held then
 */
export function makeGraphModel(artifacts: ModelArtifacts, stored: Iterable<StoredValue>, where: string): GraphModel {
  const { modelTopology, userDefinedMetadata } = artifacts;
  const read = readGraph(modelTopology, artifacts.signature ?? userDefinedMetadata?.signature, where);
  checkOperators(operators, [read.main, ...read.functions.values()], where);
  const constants = new Constants();
  try {
    for (const value of stored) constants.add(value);
    const missing = [...read.constants].find((name) => constants.get(name) === undefined);
    if (missing !== undefined) throw new FormatError(`${where}: the weights have no value for node '${missing}'`);
    const [resources, tables] = initialize(artifacts, constants, where);
    const captured = capturedOf(read, resources, where);
    const keys = structuredKeys(artifacts);
    const { weightData: _, weightSpecs: __, getWeightStream: ___, ...described } = artifacts;
    const save: GraphParts['save'] = (weights) =>
      artifactsOf(
        described,
        constants.variables.values(),
        constants.texts,
        weights === 'float32' ? undefined : weights,
      );
    return new GraphModel(
      { program: read, operators, constants, captured, artifacts: described, save, structuredKeys: keys },
      tables,
    );
  } catch (error) {
    constants.dispose();
    throw error;
  }
}
