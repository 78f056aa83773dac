/** Variables: tensors whose value changes in place. */
import { engine } from '../runtime/engine';
import { DTypeError, ShapeError } from '../runtime/errors';
import type { Location } from './graph';
import { sameShape, showShape } from './shape';
import { Tensor } from './tensor';

/** Raised when any variable moves: programs that hold addresses of variables look at it. */
export const layout = { version: 0 };

let unnamed = 0;

/**
 * A tensor with a value that can be replaced, and a place in memory that stays: programs refer to it by address.
 * Create one with `sg.variable`.
 */
export class Variable extends Tensor {
  constructor(
    location: Location,
    value: Tensor,
    readonly name = `variable_${++unnamed}`,
    public trainable = true,
  ) {
    super(location, value);
  }

  /**
   * Takes on a new value of the same shape and type. In a traced function, reads that follow see the new value.
   * @throws ShapeError, DTypeError; the variable is unchanged then
   */
  assign(value: Tensor): void {
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeError(
        `variable ${this.name}: assign needs shape ${showShape(this.shape)}, got ${showShape(value.shape)}`,
      );
    }
    if (value.dtype !== this.dtype)
      throw new DTypeError(`variable ${this.name}: assign needs ${this.dtype}, got ${value.dtype}`);
    const { graph } = value;
    if (graph) return graph.assign(this.location('assign'), value.node(graph, 'assign'));
    const from = value.address('assign') >>> 2;
    engine.memory.u32.copyWithin(this.address('assign') >>> 2, from, from + this.size);
  }

  /** Moves the value to another place, for good; takes over one use of the storage. */
  moveTo(location: Location): void {
    const from = this.address('moveTo') >>> 2;
    engine.memory.u32.copyWithin((location.storage.address + location.offset) >>> 2, from, from + this.size);
    this.replace(location);
    layout.version++;
  }
}
