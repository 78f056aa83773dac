/** Values that weights had. */
import { engine } from '../runtime/engine';
import { currentGraph } from './graph';
import { sizeOf } from './shape';
import { Storage } from './storage';
import { Tensor } from './tensor';
import type { Variable } from './variable';

/**
 * The value of a weight at one moment: a tensor that later training does not change. It refers to its variable,
 * because in TensorFlow.js weights are the variables themselves, and programs use their methods.
 */
export class WeightValue extends Tensor {
  private constructor(readonly weight: Variable) {
    super({ storage: new Storage(sizeOf(weight.shape) * 4), offset: 0 }, weight);
  }

  /** The present value of a weight. @throws DisposedError */
  static of(weight: Variable): WeightValue {
    if (weight.isDisposed) weight.address('getWeights');
    const value = new WeightValue(weight);
    value.#refresh();
    return value;
  }

  /** The weight's name. */
  get name(): string {
    return this.weight.name;
  }

  /**
   * Sets the weight, and this tensor too.
   * @throws ShapeError, DTypeError, DisposedError; nothing has changed then
   */
  assign(value: Tensor): void {
    this.weight.assign(value);
    // In a trace the weight has it later.
    if (!currentGraph()) this.#refresh();
  }

  #refresh(): void {
    if (this.weight.coded) {
      const values = this.weight.dataSync<'float32'>();
      engine.memory.f32.set(values, this.address('assign') >>> 2);
      return;
    }
    const from = this.weight.address('assign') >>> 2;
    engine.memory.u32.copyWithin(this.address('assign') >>> 2, from, from + this.size);
  }
}
