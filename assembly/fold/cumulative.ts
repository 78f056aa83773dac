/**
 * Running folds along one dimension, element after element from the start (or the end): no tree, so that every prefix
 * equals the result of a shorter axis. Sums start at +0, products at 1, the linear recurrence at its first element.
 */
import { Cumulative, CumulativeKind } from '../isa';
import { loadPart, sliceStart, storePart } from '../lanes';

export function cumulative(p: usize, t: i32, slices: i32): void {
  switch (load<i32>(p, Cumulative.kind)) {
    case CumulativeKind.sum:
      return cumulativeWith<Sum>(p, t, slices);
    case CumulativeKind.prod:
      return cumulativeWith<Prod>(p, t, slices);
    case CumulativeKind.sumInt:
      return cumulativeWith<SumInt>(p, t, slices);
    case CumulativeKind.prodInt:
      return cumulativeWith<ProdInt>(p, t, slices);
    case CumulativeKind.linear:
      return cumulativeWith<Linear>(p, t, slices);
    default:
      unreachable();
  }
}

/** Columns in groups of four; a group is the unit of work. T passes the fold, as in unary.ts. */
function cumulativeWith<T>(p: usize, t: i32, slices: i32): void {
  const f = changetype<T>(0);
  const n = load<i32>(p, Cumulative.n),
    inner = load<i32>(p, Cumulative.inner),
    exclusive = load<i32>(p, Cumulative.exclusive) != 0,
    reverse = load<i32>(p, Cumulative.reverse) != 0,
    x = load<usize>(p, Cumulative.x),
    a = load<usize>(p, Cumulative.a),
    out = load<usize>(p, Cumulative.out);
  const row = <isize>inner << 2,
    step = reverse ? -row : row;
  const groups = (inner + 3) >> 2,
    units = load<i32>(p, Cumulative.outer) * groups;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const o = u / groups,
      column = (u - o * groups) << 2,
      width = min(4, inner - column);
    let at = (<isize>o * n + (reverse ? n - 1 : 0)) * row + (<isize>column << 2);
    let v = f.start();
    for (let i = 0; i < n; i++, at += step) {
      const next = f.join(v, part(x + at, width), a, at, width, i == 0);
      const result = exclusive ? v : next;
      if (width == 4) v128.store(out + at, result);
      else storePart(out + at, result, width);
      v = next;
    }
  }
}

// @ts-ignore: decorator
@inline
function part(p: usize, width: i32): v128 {
  return width == 4 ? v128.load(p) : loadPart(p, width);
}

class Sum {
  @inline start(): v128 {
    return f32x4.splat(0);
  }
  @inline join(v: v128, x: v128, a: usize, at: isize, width: i32, first: bool): v128 {
    return f32x4.add(v, x);
  }
}

class Prod {
  @inline start(): v128 {
    return f32x4.splat(1);
  }
  @inline join(v: v128, x: v128, a: usize, at: isize, width: i32, first: bool): v128 {
    return f32x4.mul(v, x);
  }
}

class SumInt {
  @inline start(): v128 {
    return i32x4.splat(0);
  }
  @inline join(v: v128, x: v128, a: usize, at: isize, width: i32, first: bool): v128 {
    return i32x4.add(v, x);
  }
}

class ProdInt {
  @inline start(): v128 {
    return i32x4.splat(1);
  }
  @inline join(v: v128, x: v128, a: usize, at: isize, width: i32, first: bool): v128 {
    return i32x4.mul(v, x);
  }
}

/** The first factor has nothing to multiply and does not count, be it infinite. */
class Linear {
  @inline start(): v128 {
    return f32x4.splat(0);
  }
  @inline join(v: v128, x: v128, a: usize, at: isize, width: i32, first: bool): v128 {
    return first ? x : f32x4.add(f32x4.mul(part(a + at, width), v), x);
  }
}
