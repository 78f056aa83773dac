/** Where a model's random numbers come from, taken from it and given to another. */
import { FAMILY, RANDOM } from '../../layers/base/keys';
import type { Draws } from '../../ops/core/keys';
import { FormatError } from '../../support/errors';
import type { AnyModel, RandomState } from '../formats/format';

const drawsOf = (model: AnyModel): Draws[] => model[FAMILY].flatMap((layer) => layer[RANDOM]);

/** Where a model's random numbers come from. */
export function randomOf(model: AnyModel): RandomState {
  return { ...model.draws.state, layers: drawsOf(model).map((d) => d.state) };
}

const isWord = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 0xffffffff;

/** Random numbers as those of the saved model; to be set before it is compiled. @throws FormatError if it is not such a state */
export function drawFrom(where: string, model: AnyModel, { seed, calls, layers }: RandomState): void {
  const draws = drawsOf(model);
  const isState =
    Array.isArray(seed) &&
    seed.length === 2 &&
    seed.every(isWord) &&
    isWord(calls) &&
    Array.isArray(layers) &&
    layers.every((l) => Array.isArray(l) && l.length === 4 && l.every(isWord));
  if (!isState || layers.length !== draws.length)
    throw new FormatError(`${where}: the state of the random numbers is not that of this model`);
  model.draws.state = { seed, calls };
  for (const [i, d] of draws.entries()) d.state = layers[i] as Draws['state'];
}
