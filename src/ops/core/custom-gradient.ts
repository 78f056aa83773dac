/** Values with custom gradients. */

import { checkFunction, checkList, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { currentGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor, withOperand } from '../create/creation';
import * as custom from '../descriptors/custom';
import { apply } from './dispatch';

let calls = 0;

/**
 * x unchanged, but no gradient flows through it.
 * @throws ArgumentError unless x is a tensor or numbers
 * @example
 * sg.grad((x) => x.mul(sg.stopGradient(x)).sum())([3]).dataSync(); // [3]
 */
export function stopGradient(x: TensorLike): Tensor {
  return withOperand(x, 'stopGradient', (t) => apply(custom.custom, [t], { gradFunc: null, id: ++calls }));
}

/** Keeps tensors for the gradient function. */
export type GradSaveFunc = (saved: readonly Tensor[]) => void;

/** The result of a function for `customGrad`. */
export interface CustomGradient {
  /** Result of the function. */
  readonly value: Tensor;
  /** From the gradient of the value those of all arguments, one each. */
  readonly gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor | readonly Tensor[];
}

/**
 * A function with a custom gradient.
 * @param f receives the arguments and, last, a function that saves tensors for the gradient; it returns value and
 *   gradFunc.
 * @throws ArgumentError if `f` or `gradFunc` returns something else; ShapeError for gradients of the wrong shape
 * @example
 * // The gradient of a step is 0; this one passes the gradient straight through.
 * const binarize = sg.customGrad((x) => ({ value: x.step(), gradFunc: (dy) => dy }));
 * sg.grad((x) => binarize(x).sum())([0.5, -1]).dataSync(); // [1, 1]
 */
export function customGrad(f: (...args: never[]) => CustomGradient): (...args: TensorLike[]) => Tensor {
  checkFunction(f, 'customGrad', 'f', '(x) => ({ value, gradFunc })');
  return (...args) => {
    const run = (): Tensor => customized(f, args);
    // Tensors that a trace saves for its gradients live as long as the trace.
    return currentGraph() ? run() : tidy(run);
  };
}

function customized(f: (...args: never[]) => CustomGradient, args: readonly TensorLike[]): Tensor {
  const inputs = args.map((a, i) => toTensor(a, 'customGrad', `argument ${i}`));
  const saved: Tensor[] = [];
  const save: GradSaveFunc = (tensors) => {
    const list = checkList(tensors, 'customGrad', 'what is saved', 'tensors') as readonly Tensor[];
    saved.push(...Array.from(list, (t, i) => toTensor(t, 'customGrad', `saved[${i}]`)));
  };
  const made = (f as unknown as (...all: unknown[]) => CustomGradient)(...inputs, save);
  if (!(made?.value instanceof Tensor) || typeof made.gradFunc !== 'function')
    throw new ArgumentError('customGrad: the function must return { value, gradFunc }, a tensor and a function');
  const gradFunc = (dy: Tensor): readonly Tensor[] => {
    const result = made.gradFunc(dy, saved);
    const list = (
      result instanceof Tensor ? [result] : checkList(result, 'customGrad', 'the result of gradFunc', 'tensors')
    ) as readonly Tensor[];
    if (list.length !== inputs.length)
      throw new ArgumentError(`customGrad: gradFunc gave ${list.length} gradients for ${inputs.length} arguments`);
    list.forEach((g, i) => {
      const { shape } = inputs[i] as Tensor;
      if (!(g instanceof Tensor)) throw new ArgumentError(`customGrad: gradient ${i} must be a tensor, got ${show(g)}`);
      if (!sameShape(g.shape, shape))
        throw new ShapeError(
          `customGrad: gradient ${i} has shape ${showShape(g.shape)}, its argument ${showShape(shape)}`,
        );
    });
    return list;
  };
  return apply(custom.custom, [made.value, ...inputs], { gradFunc, id: ++calls });
}
