/** Sums of products over named dimensions. */

import { checkText } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, toTensor } from '../create/creation';
import { cast, mul } from '../math/arithmetic';
import { sum } from '../math/reduce';
import { pad, reshape, slice, transpose } from '../shape/shaping';
import { matMul } from './products';

/** A tensor with a name for each dimension: a letter, or a number for those of an ellipsis. */
interface Named {
  readonly t: Tensor;
  readonly names: readonly string[];
}

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const ELLIPSIS = '...';

/** Names of the dimensions of one term; `ellipsis` of them are hidden behind the dots. */
function namesOf(term: string, ellipsis: number, equation: string): string[] {
  const [before = '', after, ...more] = term.split(ELLIPSIS);
  if (more.length || !/^[a-zA-Z]*$/.test(before + (after ?? '')))
    throw new ArgumentError(`einsum: '${term}' in '${equation}' is not made of letters and at most one ellipsis`);
  if (after === undefined) return [...before];
  // Counted from the last, as they broadcast from there.
  return [...before, ...Array.from({ length: ellipsis }, (_, i) => String(ellipsis - 1 - i)), ...after];
}

function parse(equation: string, tensors: readonly Tensor[]): Equation {
  const [left = '', right, ...more] = equation.replace(/\s/g, '').split('->');
  if (more.length) throw new ArgumentError(`einsum: '${equation}' has more than one arrow`);
  const terms = left.split(',');
  if (terms.length !== tensors.length)
    throw new ArgumentError(`einsum: '${equation}' names ${terms.length} operands, got ${tensors.length}`);
  let widest = 0;
  const operands = terms.map((term, i) => {
    const { shape } = tensors[i] as Tensor;
    const hidden = term.includes(ELLIPSIS) ? shape.length - (term.length - ELLIPSIS.length) : 0;
    const names = namesOf(term, Math.max(0, hidden), equation);
    if (names.length !== shape.length)
      throw new ShapeError(
        `einsum: '${term}' in '${equation}' names ${names.length} dimensions of operand ${i}, which is ${showShape(shape)}`,
      );
    widest = Math.max(widest, hidden);
    return names;
  });
  const all = operands.flat();
  if (right === undefined) {
    // Letters that occur once, in the order of the alphabet, after the dimensions of the ellipses.
    const letters = [...new Set(all)].filter((n) => /[a-zA-Z]/.test(n) && all.filter((m) => m === n).length === 1);
    return { operands, output: [...namesOf(ELLIPSIS, widest, equation), ...letters.sort()] };
  }
  const output = namesOf(right, widest, equation);
  const unknown = output.find((n) => !all.includes(n));
  if (unknown !== undefined || new Set(output).size !== output.length)
    throw new ArgumentError(
      `einsum: the output of '${equation}' must name dimensions of the operands, each once${unknown ? `; ${unknown} is not one` : ''}`,
    );
  if (!right.includes(ELLIPSIS) && widest > 0)
    throw new ArgumentError(`einsum: the output of '${equation}' lacks the ellipsis of its operands`);
  return { operands, output };
}

/** Length of every named dimension; those of length 1 broadcast. */
function lengths(equation: string, { operands }: Equation, tensors: readonly Tensor[]): Map<string, number> {
  const found = new Map<string, number>();
  operands.forEach((names, i) =>
    names.forEach((name, d) => {
      const length = (tensors[i] as Tensor).shape[d] as number;
      const before = found.get(name) ?? 1;
      if (before !== 1 && length !== 1 && before !== length)
        throw new ShapeError(
          `einsum: dimension '${name}' of '${equation}' is ${before} and ${length} in ${tensors.map((t) => showShape(t.shape)).join(', ')}`,
        );
      found.set(name, before === 1 ? length : before);
    }),
  );
  return found;
}

const reorder = ({ t, names }: Named, order: readonly string[]): Named => ({
  t: names.every((n, i) => n === order[i])
    ? t
    : transpose(
        t,
        order.map((n) => names.indexOf(n)),
      ),
  names: order,
});

/** Takes diagonals where a name occurs twice: with n zeros behind, n² elements are n rows of n + 1. */
function diagonal(x: Named): Named {
  const twice = x.names.find((n, i) => x.names.indexOf(n) !== i);
  if (twice === undefined) return x;
  const [a, b] = [x.names.indexOf(twice), x.names.lastIndexOf(twice)];
  const rest = x.names.map((_, i) => i).filter((i) => i !== a && i !== b);
  const outer = rest.map((i) => x.t.shape[i] as number);
  const n = x.t.shape[a] as number;
  if (n !== x.t.shape[b])
    throw new ShapeError(
      `einsum: dimensions ${a} and ${b} of ${showShape(x.t.shape)} are both '${twice}' but differ in length`,
    );
  const flat = reshape(transpose(x.t, [...rest, a, b]), [sizeOf(outer), n * n]);
  const rows = reshape(
    pad(flat, [
      [0, 0],
      [0, n],
    ]),
    [sizeOf(outer), n, n + 1],
  );
  const t = reshape(slice(rows, [0, 0, 0], [sizeOf(outer), n, 1]), [...outer, n]);
  return diagonal({ t, names: [...rest.map((i) => x.names[i] as string), twice] });
}

/** Drops dimensions of length 1 that are longer elsewhere. */
function unstretch({ t, names }: Named, length: ReadonlyMap<string, number>): Named {
  const kept = names.map((_, i) => i).filter((i) => t.shape[i] !== 1 || length.get(names[i] as string) === 1);
  return {
    t: reshape(
      t,
      kept.map((i) => t.shape[i] as number),
    ),
    names: kept.map((i) => names[i] as string),
  };
}

/** Sums over the dimensions that nothing else needs. */
function sumOut({ t, names }: Named, needed: ReadonlySet<string>): Named {
  const axes = names.flatMap((n, i) => (needed.has(n) ? [] : [i]));
  return axes.length ? { t: sum(t, axes), names: names.filter((n) => needed.has(n)) } : { t, names };
}

/** Both operands summed over the letters they share and no other operand needs. */
function contract(a: Named, b: Named, needed: ReadonlySet<string>): Named {
  const shared = a.names.filter((n) => b.names.includes(n));
  const batch = shared.filter((n) => needed.has(n));
  const inner = shared.filter((n) => !needed.has(n));
  const rows = a.names.filter((n) => !shared.includes(n));
  const columns = b.names.filter((n) => !shared.includes(n));
  const length = (n: string): number =>
    (a.names.includes(n) ? a.t.shape[a.names.indexOf(n)] : b.t.shape[b.names.indexOf(n)]) as number;
  const size = (names: readonly string[]): number => sizeOf(names.map(length));
  const names = [...batch, ...rows, ...columns];
  const shape = names.map(length);
  const [m, n, k] = [size(rows), size(columns), size(inner)];
  if (inner.length === 0 || (m === 1 && n === 1)) {
    // Nothing to add up, or vector by vector: no products of matrices.
    const x = reshape(reorder(a, [...batch, ...rows, ...inner]).t, [size(batch), m, 1, k]);
    const y = reshape(reorder(b, [...batch, ...columns, ...inner]).t, [size(batch), 1, n, k]);
    const product = mul(x, y);
    return { t: reshape(inner.length ? sum(product, 3) : product, shape), names };
  }
  // An operand that is already the other way round is multiplied transposed.
  const swapped = [...batch, ...inner, ...rows];
  const transposeA = a.names.every((name, i) => name === swapped[i]);
  const straight = [...batch, ...inner, ...columns];
  const transposeB = !b.names.every((name, i) => name === straight[i]);
  const x = reorder(a, transposeA ? swapped : [...batch, ...rows, ...inner]).t;
  const y = reorder(b, transposeB ? [...batch, ...columns, ...inner] : straight).t;
  const product = matMul(
    reshape(x, [size(batch), ...(transposeA ? [k, m] : [m, k])]),
    reshape(y, [size(batch), ...(transposeB ? [n, k] : [k, n])]),
    transposeA,
    transposeB,
  );
  return { t: reshape(product, shape), names };
}

/**
 * Sums of products, described by letters for the dimensions of operands and result as in NumPy: `'ij,jk->ik'` is a
 * product of matrices. A letter that the output lacks is summed over; one that occurs twice in an operand takes its
 * diagonal; `...` is for further dimensions, which broadcast; without an arrow the output has, in alphabetical order,
 * the letters that occur once. Operands are contracted from left to right.
 * @returns float32, or int32 if all operands are int32 or bool
 * @throws ArgumentError for an equation that is malformed; ShapeError if sizes of one letter differ
 * @example
 * sg.einsum('bij,bjk->bik', sg.ones([2, 3, 4]), sg.ones([2, 4, 5])).shape; // [2, 3, 5]
 * sg.einsum('ii->', [[1, 2], [3, 4]]).dataSync(); // [5]
 */
export function einsum(equation: string, ...tensors: readonly TensorLike[]): Tensor {
  checkText(equation, 'einsum', 'equation', "a string such as 'ij,jk->ik'");
  return tidy(() => {
    const given = tensors.map((t, i) => toTensor(t, 'einsum', `tensors[${i}]`));
    const parsed = parse(equation, given);
    const length = lengths(equation, parsed, given);
    const dtype = given.every((g) => g.dtype !== 'float32') ? 'int32' : 'float32';
    const [head, ...rest] = given.map((t, i) =>
      unstretch(diagonal({ t: cast(t, dtype), names: parsed.operands[i] as string[] }), length),
    ) as [Named, ...Named[]];
    const neededAfter = (i: number): Set<string> =>
      new Set([...parsed.output, ...rest.slice(i).flatMap((r) => r.names)]);
    let result = head;
    rest.forEach((next, i) => {
      const own = sumOut(result, neededAfter(i));
      const other = sumOut(next, new Set([...neededAfter(i + 1), ...own.names]));
      result = contract(own, other, neededAfter(i + 1));
    });
    const { t } = reorder(sumOut(result, new Set(parsed.output)), parsed.output);
    return given.includes(t) ? t.alias() : t;
  });
}
