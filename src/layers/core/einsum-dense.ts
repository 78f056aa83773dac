/** Dense layers along named dimensions. */
import { einsum } from '../../ops/linear/einsum';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { make } from '../base/settings';
import { listOf, type PartialShape } from '../base/shapes';
import { type KernelArgs, KernelLayer } from '../weights/kernel';

/** Settings of `einsumDense`. */
export interface EinsumDenseArgs extends KernelArgs {
  /**
   * Equation of input, kernel and output, such as 'abc,cd->abd'; `...` may be first or last, for dimensions that are
   * kept.
   */
  equation: string;
  /** Shape of one example of the output, without the dimensions of `...`; null where the input determines it. */
  outputShape: number | PartialShape;
  /** Letters of the output along which there is a bias; none by default. */
  biasAxes?: string | null;
}

/** y = activation(einsum(equation, x, kernel) + bias) */
export class EinsumDense extends KernelLayer {
  static override className = 'EinsumDense';

  static override accepts(): is.Table {
    return {
      equation: is.required(is.text()),
      outputShape: is.required(is.shape()),
      biasAxes: is.text(),
      ...KernelLayer.accepts(),
    };
  }

  readonly #args: EinsumDenseArgs;

  constructor(args: EinsumDenseArgs) {
    super({ ...args, useBias: Boolean(args.biasAxes) }, 'einsumDense');
    this.#args = args;
    if (!/^(\.{3}\w+,\w+->\.{3}\w+|\w+,\w+->\w+|\w+\.{3},\w+->\w+\.{3})$/.test(args.equation))
      throw new ArgumentError(
        `einsumDense: equation must be like 'ab,bc->ac' or '...b,bc->...c', got ${show(args.equation)}`,
      );
  }

  /** The letters of input, kernel and result, their sizes as far as they are known, and the sizes of `...`. */
  #read(inputShape: PartialShape): {
    weight: string;
    output: string;
    sizes: Map<string, number | null>;
    rest: PartialShape;
  } {
    const { equation, outputShape } = this.#args;
    const [input, weight, output] = equation.replaceAll('...', '').split(/,|->/) as [string, string, string];
    const count = inputShape.length - input.length;
    const isFitting = equation.includes('...') ? count >= 0 : count === 0;
    if (!isFitting)
      throw new ShapeError(`${this.name}: '${equation}' does not fit an input of ${showShape(inputShape)}`);
    const first = equation.startsWith('...') ? count : 0;
    const sizes = new Map([...input].map((letter, i) => [letter, inputShape[first + i] as number | null]));
    const shape = listOf<number | null>(outputShape as PartialShape);
    const begin = output.length - shape.length;
    for (const [i, letter] of [...output].entries()) sizes.set(letter, shape[i - begin] ?? sizes.get(letter) ?? null);
    return { weight, output, sizes, rest: first ? inputShape.slice(0, first) : inputShape.slice(input.length) };
  }

  override build(inputShape: PartialShape): void {
    const { equation, biasAxes } = this.#args;
    const { weight, output, sizes, rest } = this.#read(inputShape);
    const sizeOf = (letter: string): number => {
      const size = sizes.get(letter);
      if (typeof size !== 'number')
        throw new ShapeError(
          `${this.name}: '${letter}' of '${equation}' must be known; input ${showShape(inputShape)}`,
        );
      return size;
    };
    const axes = [...output].findIndex((letter) => biasAxes?.includes(letter));
    const bias = [...output].slice(axes).map((letter) => (biasAxes?.includes(letter) ? sizeOf(letter) : 1));
    const last = equation.endsWith('...') ? rest.map(() => 1) : [];
    this.makeWeights([...weight].map(sizeOf), [...bias, ...last]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    const { output, sizes, rest } = this.#read(inputShape);
    const named = [...output].map((letter) => sizes.get(letter) ?? null);
    return this.#args.equation.startsWith('...') ? [...rest, ...named] : [...named, ...rest];
  }

  call(x: Tensor): Tensor {
    return this.finish(einsum(this.#args.equation, x, this.kernel));
  }

  override getConfig(): Record<string, unknown> {
    const { equation, outputShape, biasAxes } = this.#args;
    return { ...super.getConfig(), equation, outputShape, biasAxes };
  }
}

/**
 * Dense along the letters of an equation: y = activation(einsum(equation, x, kernel) + bias).
 * @throws ArgumentError for an equation of another form; ShapeError for sizes that are not determined
 * @example
 * sg.layers.einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 8, 16], biasAxes: 'de' }); // heads of attention
 */
export const einsumDense = (args: EinsumDenseArgs): EinsumDense => make(EinsumDense, args);
