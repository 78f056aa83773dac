/** Random numbers: other ones in each call, unless the node has a seed. */
import { randomNormal, randomUniform, randomUniformInt, truncatedNormal } from '../../../ops/create/random';
import { multinomial } from '../../../ops/create/sampling';
import { withGraph } from '../../../tensor/graph';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';

function shapeOf(call: Call): number[] {
  const shape = call.ints(0);
  checkElements(sizeOf(shape), call.where);
  return shape;
}

/** Draws by the seed of the node, always the same; or, as two seeds of 0 mean none, other numbers in each call. */
function drawn(call: Call, draw: (seed: string | undefined) => Tensor): Tensor {
  const [a, b] = [call.real('seed', 0), call.real('seed2', 0)];
  return a === 0 && b === 0 ? draw(undefined) : withGraph(undefined, () => draw(`${a}/${b}`));
}

/** Random numbers are of a type that tensors have. */
const typeOf = (call: Call): 'float32' | 'int32' => (call.type('dtype', 'float32') === 'int32' ? 'int32' : 'float32');

export const random: Operators = {
  RandomStandardNormal: (call) => drawn(call, (seed) => randomNormal(shapeOf(call), 0, 1, typeOf(call), seed)),
  RandomUniform: (call) => {
    const [low, high] = [call.real('minval', 0), call.real('maxval', 1)];
    return drawn(call, (seed) => randomUniform(shapeOf(call), low, high, typeOf(call), seed));
  },
  RandomUniformInt: (call) => {
    const low = call.has(1) ? call.int(1) : call.real('minval');
    const high = call.has(2) ? call.int(2) : call.real('maxval');
    return drawn(call, (seed) => randomUniformInt(shapeOf(call), low, high, seed));
  },
  TruncatedNormal: (call) => {
    const [mean, deviation] = [call.real('means', 0), call.real('stddev', 1)];
    return drawn(call, (seed) => truncatedNormal(shapeOf(call), mean, deviation, typeOf(call), seed));
  },
  // Its numbers depend on an operand: in a program they are others in each call, seed or not.
  Multinomial: (call) => {
    const [a, b] = [call.real('seed', 0), call.real('seed2', 0)];
    return multinomial(call.tensor(0), call.int(1), a === 0 && b === 0 ? undefined : `${a}/${b}`);
  },
};
