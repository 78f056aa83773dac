/** Random numbers: other ones in each call, unless the node has a seed. */
import { randomNormal, randomUniform, randomUniformInt, truncatedNormal } from '../../../ops/create/random';
import { multinomial } from '../../../ops/create/sampling';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';

function shapeOf(call: Call): number[] {
  const shape = call.ints(0);
  checkElements(sizeOf(shape), call.where);
  return shape;
}

/** Two seeds of 0 mean none. */
function seedOf(call: Call): string | undefined {
  const [a, b] = [call.real('seed', 0), call.real('seed2', 0)];
  return a === 0 && b === 0 ? undefined : `${a}/${b}`;
}

/** Random numbers are of a type that tensors have. */
const typeOf = (call: Call): 'float32' | 'int32' => (call.type('dtype', 'float32') === 'int32' ? 'int32' : 'float32');

export const random: Operators = {
  RandomStandardNormal: (call) => randomNormal(shapeOf(call), 0, 1, typeOf(call), seedOf(call)),
  RandomUniform: (call) =>
    randomUniform(shapeOf(call), call.real('minval', 0), call.real('maxval', 1), typeOf(call), seedOf(call)),
  RandomUniformInt: (call) => {
    const [low, high] = [
      call.has(1) ? call.int(1) : call.real('minval'),
      call.has(2) ? call.int(2) : call.real('maxval'),
    ];
    return randomUniformInt(shapeOf(call), low, high, seedOf(call));
  },
  TruncatedNormal: (call) =>
    truncatedNormal(shapeOf(call), call.real('means', 0), call.real('stddev', 1), typeOf(call), seedOf(call)),
  Multinomial: (call) => multinomial(call.tensor(0), call.int(1), seedOf(call)),
};
