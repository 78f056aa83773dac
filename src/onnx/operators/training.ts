/** Steps of optimizers: operators of the domain ai.onnx.preview.training. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import * as sg from '../../ops/math/arithmetic';
import { engine } from '../../runtime/engine';
import type { Tensor } from '../../tensor/tensor';
import { type Definitions, define, type TypeRule } from './define';
import { float } from './operands';

/** Learning rate and number of the step. */
interface Moment {
  readonly rate: Tensor;
  readonly step: number;
}

type Update = (call: Call, moment: Moment, values: readonly Tensor[]) => readonly Tensor[];

/**
 * Operands are the rate, the step, then all weights, all gradients, all of each state; outputs are all weights, all of
 * each state.
 * @param width weight, gradient and states
 */
const step =
  (width: number, update: Update): Operator =>
  (call) => {
    const count = (call.count - 2) / width;
    if (!Number.isInteger(count) || count < 1) throw call.fail(`${call.count} inputs are not 2 and ${width} lists`);
    const moment = { rate: float(call, 0), step: call.number(1) };
    const each = Array.from({ length: count }, (_, i) =>
      update(
        call,
        moment,
        Array.from({ length: width }, (_, k) => float(call, 2 + k * count + i)),
      ),
    );
    return Array.from({ length: width - 1 }, (_, k) => each.map((made) => made[k] as Tensor)).flat();
  };

/** The gradient with that of a penalty on squares. */
const penalized = (call: Call, x: Tensor, g: Tensor): Tensor => sg.add(sg.mul(x, call.real('norm_coefficient', 0)), g);

const adagrad: Update = (call, { rate, step }, [x, g, h]) => {
  const gradient = penalized(call, x as Tensor, g as Tensor);
  const sums = sg.add(h as Tensor, sg.square(gradient));
  const slowed = sg.div(rate, 1 + step * call.real('decay_factor', 0));
  const move = sg.div(sg.mul(slowed, gradient), sg.add(sg.sqrt(sums), call.real('epsilon', 1e-6)));
  return [sg.sub(x as Tensor, move), sums];
};

const adam: Update = (call, { rate, step }, [x, g, v, h]) => {
  const [alpha, beta] = [call.real('alpha', 0.9), call.real('beta', 0.999)];
  const gradient = penalized(call, x as Tensor, g as Tensor);
  const first = sg.add(sg.mul(v as Tensor, alpha), sg.mul(gradient, 1 - alpha));
  const second = sg.add(sg.mul(h as Tensor, beta), sg.mul(sg.square(gradient), 1 - beta));
  const { pow } = engine.scalars;
  const correction = step > 0 ? Math.sqrt(1 - pow(beta, step)) / (1 - pow(alpha, step)) : 1;
  const move = sg.div(first, sg.add(sg.sqrt(second), call.real('epsilon', 1e-6)));
  const moved = sg.sub(x as Tensor, sg.mul(sg.mul(rate, correction), move));
  return [sg.mul(moved, 1 - call.real('norm_coefficient_post', 0)), first, second];
};

const momentum: Update = (call, { rate, step }, [x, g, v]) => {
  const mode = call.text('mode');
  if (mode !== 'standard' && mode !== 'nesterov')
    throw call.fail(`attribute mode must be standard or nesterov, got '${mode}'`);
  const alpha = call.real('alpha');
  const gradient = penalized(call, x as Tensor, g as Tensor);
  const velocity = sg.add(sg.mul(v as Tensor, alpha), sg.mul(gradient, step > 0 ? call.real('beta') : 1));
  const direction = mode === 'nesterov' ? sg.add(gradient, sg.mul(velocity, alpha)) : velocity;
  return [sg.sub(x as Tensor, sg.mul(rate, direction)), velocity];
};

/** Weights and states have the types of the operands behind the first two. */
const types: TypeRule = ({ inputs, outputCount }) => new Array(outputCount).fill(inputs[2]);
const STEP = { known: [1], types };

export const training: Definitions = {
  Adagrad: define(step(3, adagrad), STEP),
  Adam: define(step(4, adam), STEP),
  Momentum: define(step(3, momentum), STEP),
};
