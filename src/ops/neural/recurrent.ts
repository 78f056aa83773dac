/** One step of recurrent cells. */
import { checkFunction, checkList } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { broadcastShapes, sameShape, showShape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import type { TensorLike } from '../create/creation';
import { matMul } from '../linear/products';
import { add, mul, sigmoid, tanh } from '../math/arithmetic';
import { concat, slice } from '../shape/shaping';

/**
 * One step of an LSTM without peepholes (Zaremba et al., 2014). The gates are in the order input, candidate, forget,
 * output:
 * newC = σ(i) tanh(j) + c σ(forgetBias + f), newH = tanh(newC) σ(o).
 * @param lstmKernel [features + units, 4 · units].
 * @param lstmBias [4 · units].
 * @param data [batch, features].
 * @param c cell state, [batch, units].
 * @param h hidden state, [batch, units].
 * @returns [newC, newH], both [batch, units]
 * @throws ShapeError if shapes do not fit each other
 * @example
 * const [c, h] = sg.basicLSTMCell(1, sg.zeros([5, 8]), sg.zeros([8]), sg.ones([1, 3]), sg.zeros([1, 2]), sg.zeros([1, 2]));
 * h.arraySync(); // [[0, 0]]
 */
export function basicLSTMCell(
  forgetBias: TensorLike,
  lstmKernel: TensorLike,
  lstmBias: TensorLike,
  data: TensorLike,
  c: TensorLike,
  h: TensorLike,
): [Tensor, Tensor] {
  return tidy(() => {
    const cell = float(c, 'basicLSTMCell', 'c');
    const hidden = float(h, 'basicLSTMCell', 'h');
    const kernel = float(lstmKernel, 'basicLSTMCell', 'lstmKernel');
    const units = cell.shape[1] as number;
    const x = float(data, 'basicLSTMCell', 'data');
    const bias = float(forgetBias, 'basicLSTMCell', 'forgetBias');
    const rest = float(lstmBias, 'basicLSTMCell', 'lstmBias');
    if (cell.rank !== 2 || hidden.rank !== 2 || kernel.rank !== 2 || kernel.shape[1] !== 4 * units) {
      throw new ShapeError(
        `basicLSTMCell: c and h must be [batch, units] and lstmKernel [features + units, 4 units], got ${showShape(cell.shape)}, ` +
          `${showShape(hidden.shape)} and ${showShape(kernel.shape)}`,
      );
    }
    const rows = cell.shape[0] as number;
    const inputs = (kernel.shape[0] as number) - units;
    if (
      !sameShape(x.shape, [rows, inputs]) ||
      !sameShape(hidden.shape, [rows, units]) ||
      !sameShape(rest.shape, [4 * units]) ||
      !sameShape(broadcastShapes(bias.shape, cell.shape) ?? [], cell.shape)
    ) {
      throw new ShapeError(
        `basicLSTMCell: data, h, lstmBias and forgetBias must be [${rows}, ${inputs}], [${rows}, ${units}], [${4 * units}] and a scalar for c ` +
          `${showShape(cell.shape)} and lstmKernel ${showShape(kernel.shape)}, got ${[x, hidden, rest, bias].map((t) => showShape(t.shape)).join(', ')}`,
      );
    }
    const gates = add(matMul(concat([x, hidden], 1), kernel), rest);
    const gate = (k: number): Tensor => slice(gates, [0, k * units], [gates.shape[0] as number, units]);
    const [i, j, f, o] = [gate(0), gate(1), gate(2), gate(3)];
    const newC = add(mul(sigmoid(i), tanh(j)), mul(cell, sigmoid(add(bias, f))));
    return [newC, mul(tanh(newC), sigmoid(o))];
  });
}

/** A cell of `multiRNNCell`: (data, c, h) => [newC, newH]. */
export type LSTMCellFunc = (data: Tensor, c: Tensor, h: Tensor) => [Tensor, Tensor];

/**
 * One step of stacked cells: the new hidden state of each one is the data of the next one.
 * @param c a cell state for each cell.
 * @param h a hidden state for each cell.
 * @returns [newC, newH], a state for each cell
 * @throws ShapeError unless there are as many states as cells
 * @example
 * const cell = (data, c, h) => [c, data.add(h)];
 * const [newC, newH] = sg.multiRNNCell([cell, cell], [[1]], [[[0]], [[0]]], [[[1]], [[2]]]);
 * newH[1].arraySync(); // [[4]]
 */
export function multiRNNCell(
  lstmCells: readonly LSTMCellFunc[],
  data: TensorLike,
  c: readonly TensorLike[],
  h: readonly TensorLike[],
): [Tensor[], Tensor[]] {
  checkList(lstmCells, 'multiRNNCell', 'lstmCells', 'functions');
  checkList(c, 'multiRNNCell', 'c', 'tensors');
  checkList(h, 'multiRNNCell', 'h', 'tensors');
  if (c.length !== lstmCells.length || h.length !== lstmCells.length)
    throw new ShapeError(
      `multiRNNCell: ${lstmCells.length} cells need as many states, got ${c.length} of c and ${h.length} of h`,
    );
  return tidy(() => {
    const newC: Tensor[] = [];
    const newH: Tensor[] = [];
    let input = float(data, 'multiRNNCell', 'data');
    Array.from(lstmCells).forEach((cell, i) => {
      checkFunction(cell, 'multiRNNCell', `lstmCells[${i}]`);
      const state = (list: readonly TensorLike[], name: string): Tensor =>
        float(list[i] as TensorLike, 'multiRNNCell', `${name}[${i}]`);
      const made: unknown = cell(input, state(c, 'c'), state(h, 'h'));
      const [cellState, hidden] = Array.from(
        checkList(made, 'multiRNNCell', `the result of lstmCells[${i}]`, 'tensors'),
        (t, k) => checkTensor(t, 'multiRNNCell', `the result of lstmCells[${i}][${k}]`),
      ) as [Tensor, Tensor];
      checkTensor(hidden, 'multiRNNCell', `the result of lstmCells[${i}][1]`);
      newC.push(cellState);
      newH.push(hidden);
      input = hidden;
    });
    return [newC, newH];
  });
}
