/** What layers with a kernel, a bias and an activation share. */
import { add } from '../../ops/math/arithmetic';
import * as is from '../../support/settings';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { Layer, type LayerArgs } from '../base/layer';
import { serialize } from '../base/serialize';
import * as own from '../base/settings';
import { listOf } from '../base/shapes';
import { type Activation, type ActivationIdentifier, getActivation } from '../core/activation-lookup';
import type { ConstraintIdentifier } from './constraints';
import type { InitializerIdentifier } from './initializers';
import type { RegularizerIdentifier } from './regularizers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from './weight-rules';

/** Settings of layers with a kernel, a bias and an activation. */
export interface KernelArgs extends LayerArgs, WeightArgs<'kernel' | 'bias'> {
  /** Initializer of the kernel; default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Penalty on the kernel; none by default. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the kernel; none by default. */
  kernelConstraint?: ConstraintIdentifier | null;
  /** Initializer of the bias; default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  /** Penalty on the bias; none by default. */
  biasRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the bias; none by default. */
  biasConstraint?: ConstraintIdentifier | null;
  /** Applied to the output: a name or a function; none by default. */
  activation?: ActivationIdentifier;
  /** Whether a bias is added; default true. */
  useBias?: boolean;
}

/** activation(mathematics of the subclass + bias) */
export abstract class KernelLayer extends Layer {
  static override accepts(kinds: readonly string[] = ['kernel']): is.Table {
    return { activation: is.rule(), useBias: is.flag(), ...own.rulesOf(...kinds, 'bias'), ...Layer.accepts() };
  }

  readonly useBias: boolean;
  readonly #activation: { name: string; fn: Activation };
  /** By kind of weight, the bias last. */
  readonly #rules: Readonly<Record<string, WeightRules>>;
  protected kernel!: Variable;
  protected bias: Variable | undefined;

  constructor(args: KernelArgs, where: string, kinds: readonly string[] = ['kernel']) {
    super(args);
    this.useBias = args.useBias ?? true;
    this.#activation = getActivation(args.activation, where);
    const rules = [...kinds, 'bias'].map((kind) => {
      return [
        kind,
        weightRules(args as WeightArgs<string>, kind, kind === 'bias' ? 'zeros' : 'glorotUniform', where),
      ] as const;
    });
    this.#rules = Object.fromEntries(rules);
  }

  override get takesOne(): boolean {
    return true;
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

  /** z plus the bias, which runs along its last dimension. @internal */
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
      ...Object.assign({}, ...Object.entries(this.#rules).map(([kind, rules]) => rulesConfig(kind, rules))),
      activityRegularizer: serialize(this.activityRegularizer),
    };
  }
}
