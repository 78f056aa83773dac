/** What layers with a kernel, a bias and an activation share. */
import { add } from '../ops/arithmetic';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import { type Activation, type ActivationIdentifier, getActivation } from './activations';
import { type Constraint, type ConstraintIdentifier, getConstraint } from './constraints';
import { getInitializer, type Initializer, type InitializerIdentifier } from './initializers';
import { Layer, type LayerArgs } from './layer';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from './regularizers';
import { serialize } from './serialize';

export interface KernelArgs extends LayerArgs {
  activation?: ActivationIdentifier;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  kernelRegularizer?: RegularizerIdentifier | null;
  biasRegularizer?: RegularizerIdentifier | null;
  kernelConstraint?: ConstraintIdentifier | null;
  biasConstraint?: ConstraintIdentifier | null;
}

/** How one kind of weight starts, is penalized, and is kept in bounds. */
interface Rules {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;
}

/** activation(mathematics of the subclass + bias) */
export abstract class KernelLayer extends Layer {
  readonly useBias: boolean;
  readonly #activation: { name: string; fn: Activation };
  readonly #kernelRules: Rules;
  readonly #biasRules: Rules;
  protected kernel!: Variable;
  protected bias: Variable | undefined;

  constructor(args: KernelArgs, where: string) {
    super(args);
    this.useBias = args.useBias ?? true;
    this.#activation = getActivation(args.activation, where);
    this.#kernelRules = {
      initializer: getInitializer(args.kernelInitializer ?? 'glorotUniform', where),
      regularizer: getRegularizer(args.kernelRegularizer, where),
      constraint: getConstraint(args.kernelConstraint, where),
    };
    this.#biasRules = {
      initializer: getInitializer(args.biasInitializer ?? 'zeros', where),
      regularizer: getRegularizer(args.biasRegularizer, where),
      constraint: getConstraint(args.biasConstraint, where),
    };
  }

  /** Creates the weights; for `build`. */
  protected makeWeights(kernel: Shape, units: number): void {
    this.kernel = this.addWeight({ name: 'kernel', shape: kernel, ...this.#kernelRules });
    if (this.useBias) this.bias = this.addWeight({ name: 'bias', shape: [units], ...this.#biasRules });
  }

  protected finish(z: Tensor): Tensor {
    return this.#activation.fn(this.bias ? add(z, this.bias) : z);
  }

  override getConfig(): Record<string, unknown> {
    const [kernel, bias] = [this.#kernelRules, this.#biasRules];
    return {
      ...super.getConfig(),
      activation: this.#activation.name,
      useBias: this.useBias,
      kernelInitializer: serialize(kernel.initializer),
      biasInitializer: serialize(bias.initializer),
      kernelRegularizer: serialize(kernel.regularizer),
      biasRegularizer: serialize(bias.regularizer),
      activityRegularizer: serialize(this.activityRegularizer),
      kernelConstraint: serialize(kernel.constraint),
      biasConstraint: serialize(bias.constraint),
    };
  }
}
