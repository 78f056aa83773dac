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
import { listOf } from './shapes';

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
export interface Rules {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | undefined;
  readonly constraint: Constraint | undefined;
}

/** The settings of one kind of weight: `kernelInitializer`, `kernelRegularizer`, `kernelConstraint` for 'kernel'. */
export function rulesOf(args: object, kind: string, initial: string, where: string): Rules {
  const given = args as Record<string, never>;
  return {
    initializer: getInitializer(given[`${kind}Initializer`] ?? initial, where),
    regularizer: getRegularizer(given[`${kind}Regularizer`], where),
    constraint: getConstraint(given[`${kind}Constraint`], where),
  };
}

/** The same as settings. */
export const showRules = (kind: string, rules: Rules): Record<string, unknown> => ({
  [`${kind}Initializer`]: serialize(rules.initializer),
  [`${kind}Regularizer`]: serialize(rules.regularizer),
  [`${kind}Constraint`]: serialize(rules.constraint),
});

/** activation(mathematics of the subclass + bias) */
export abstract class KernelLayer extends Layer {
  readonly useBias: boolean;
  readonly #activation: { name: string; fn: Activation };
  /** By kind of weight, the bias last. */
  readonly #rules: Readonly<Record<string, Rules>>;
  protected kernel!: Variable;
  protected bias: Variable | undefined;

  constructor(args: KernelArgs, where: string, kinds: readonly string[] = ['kernel']) {
    super(args);
    this.useBias = args.useBias ?? true;
    this.#activation = getActivation(args.activation, where);
    const rules = [...kinds, 'bias'].map((kind) => {
      return [kind, rulesOf(args, kind, kind === 'bias' ? 'zeros' : 'glorotUniform', where)] as const;
    });
    this.#rules = Object.fromEntries(rules);
  }

  /** Creates the weights; for `build`. */
  protected makeWeights(kernel: Shape, bias: number | Shape): void {
    this.kernel = this.addKernel('kernel', kernel);
    this.bias = this.addBias(listOf(bias));
  }

  /** A weight of one of the layer's kinds. */
  protected addKernel(kind: string, shape: Shape, name = kind === 'kernel' ? kind : `${kind}_kernel`): Variable {
    return this.addWeight({ name, shape, ...this.#rules[kind] });
  }

  /** Undefined if the layer has no biases. */
  protected addBias(shape: Shape, name = 'bias'): Variable | undefined {
    return this.useBias ? this.addWeight({ name, shape, ...this.#rules.bias }) : undefined;
  }

  /** z with the bias, which lies along its last dimension. */
  protected biased(z: Tensor): Tensor {
    return this.bias ? add(z, this.bias) : z;
  }

  protected activate(z: Tensor): Tensor {
    return this.#activation.fn(z);
  }

  protected finish(z: Tensor): Tensor {
    return this.activate(this.biased(z));
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      activation: this.#activation.name,
      useBias: this.useBias,
      ...Object.assign({}, ...Object.entries(this.#rules).map(([kind, rules]) => showRules(kind, rules))),
      activityRegularizer: serialize(this.activityRegularizer),
    };
  }
}
