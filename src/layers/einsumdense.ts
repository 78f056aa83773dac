/** Dense layers along named dimensions. */
import { einsum } from '../ops/einsum';
import { ArgumentError, ShapeError } from '../runtime/errors';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { type KernelArgs, KernelLayer } from './kernel';
import { listOf, type PartialShape } from './shapes';

export interface EinsumDenseArgs extends KernelArgs {
  /** `abc,cd->abd`; `...` may stand first or last for dimensions that stay. */
  equation: string;
  /** Shape of an example of the result without what `...` stands for; null where the input says it. */
  outputShape: number | PartialShape;
  /** Letters of the result along which there is a bias; none by default. */
  biasAxes?: string | null;
}

/** y = activation(einsum(equation, x, kernel) + bias) */
export class EinsumDense extends KernelLayer {
  static override className = 'EinsumDense';
  readonly #args: EinsumDenseArgs;

  constructor(args: EinsumDenseArgs) {
    super({ ...args, useBias: Boolean(args.biasAxes) }, 'einsumDense');
    this.#args = args;
    if (!/^(\.{3}\w+,\w+->\.{3}\w+|\w+,\w+->\w+|\w+\.{3},\w+->\w+\.{3})$/.test(args.equation))
      throw new ArgumentError(
        `einsumDense: equation must be like 'ab,bc->ac' or '...b,bc->...c', got '${args.equation}'`,
      );
  }

  override build(inputShape: PartialShape): void {
    const { equation, outputShape, biasAxes } = this.#args;
    const [input, weight, output] = equation.replaceAll('...', '').split(/,|->/) as [string, string, string];
    const first = equation.startsWith('...') ? inputShape.length - input.length : 0;
    const sizes = new Map([...input].map((letter, i) => [letter, inputShape[first + i] as number | null]));
    const shape = listOf<number | null>(outputShape as PartialShape);
    const begin = output.length - shape.length;
    const fixed = new Map([...output].map((letter, i) => [letter, shape[i - begin] ?? sizes.get(letter)]));
    const sizeOf = (letter: string): number => {
      const size = fixed.get(letter) ?? sizes.get(letter);
      if (typeof size !== 'number')
        throw new ShapeError(
          `${this.name}: '${letter}' of '${equation}' must be known; input ${showShape(inputShape)}`,
        );
      return size;
    };
    const axes = [...output].findIndex((letter) => biasAxes?.includes(letter));
    const bias = [...output].slice(axes).map((letter) => (biasAxes?.includes(letter) ? sizeOf(letter) : 1));
    const last = equation.endsWith('...') ? Array(inputShape.length - input.length).fill(1) : [];
    this.makeWeights([...weight].map(sizeOf), [...bias, ...last]);
  }

  call(x: Tensor): Tensor {
    return this.finish(einsum(this.#args.equation, x, this.kernel));
  }

  override getConfig(): Record<string, unknown> {
    const { equation, outputShape, biasAxes } = this.#args;
    return { ...super.getConfig(), equation, outputShape, biasAxes };
  }
}
