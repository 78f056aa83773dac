/** What weights may be made for a file: no more than the file has values for, however large its layers say they are. */
import { FormatError } from '../../support/errors';
import { checkShape, type Shape, showShape, sizeOf } from '../../tensor/shape';

/** Elements beyond those of the file: for small models whose weights do not match, what differs is a better message. */
const SPARE = 1 << 16;

/** Elements of what layers keep from batch to batch, however few weights the file has: 64 MB. */
const STATES = 1 << 24;

/** The elements of a file's weights, spent by each weight before it is allocated. */
export class WeightBudget {
  #left: number;
  #leftOfStates: number;

  /** @param total elements of all weights of the file */
  constructor(readonly total: number) {
    this.#left = total + SPARE;
    this.#leftOfStates = Math.max(total, STATES);
  }

  /** @throws FormatError if the weights made so far and this one have more elements than the file; ShapeError if it is not a shape */
  spend(where: string, shape: Shape): void {
    checkShape(shape, where);
    this.#left -= sizeOf(shape);
    if (this.#left < 0)
      throw new FormatError(
        `${where} of shape ${showShape(shape)}: the layers need more weights than the file has, which holds ${this.total} numbers`,
      );
  }

  /** The same for states, of which files need not have values. */
  spendState(where: string, shape: Shape): void {
    checkShape(shape, where);
    this.#leftOfStates -= sizeOf(shape);
    if (this.#leftOfStates < 0)
      throw new FormatError(
        `${where} of shape ${showShape(shape)}: the states of layers would be larger than a file with ${this.total} weights may ask for`,
      );
  }
}
