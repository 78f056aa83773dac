/** Folds of int32 and bool: exact, so that their order is of no consequence. */
import { Fold, Reduce } from '../isa';
import { loadPart, sliceStart, storePart } from '../lanes';

export function reduceExactly(p: usize, t: i32, slices: i32): void {
  switch (load<i32>(p, Reduce.fold)) {
    case Fold.all:
      return reduceWith<All>(p, t, slices);
    case Fold.any:
      return reduceWith<Any>(p, t, slices);
    case Fold.sumInt:
      return reduceWith<SumInt>(p, t, slices);
    case Fold.prodInt:
      return reduceWith<ProdInt>(p, t, slices);
    case Fold.maxInt:
      return reduceWith<MaxInt>(p, t, slices);
    case Fold.minInt:
      return reduceWith<MinInt>(p, t, slices);
    default:
      unreachable();
  }
}

/** T passes the fold, as in unary.ts. */
function reduceWith<T>(p: usize, t: i32, slices: i32): void {
  const f = changetype<T>(0);
  const n = load<i32>(p, Reduce.n),
    inner = load<i32>(p, Reduce.inner),
    chunk = load<i32>(p, Reduce.chunk);
  const chunks = max(1, (n + chunk - 1) / chunk),
    groups = (inner + 3) >> 2,
    units = load<i32>(p, Reduce.outer) * chunks * groups;
  for (let u = sliceStart(units, t, slices), end = sliceStart(units, t + 1, slices); u < end; u++) {
    const r = u / groups,
      column = (u - r * groups) << 2,
      o = r / chunks,
      first = (r - o * chunks) * chunk;
    let x = load<usize>(p, Reduce.x) + (((<usize>o * n + first) * inner + column) << 2);
    const out = load<usize>(p, Reduce.out) + ((<usize>r * inner + column) << 2);
    let left = min(chunk, n - first),
      v = i32x4.splat(f.start());
    if (inner == 1) {
      for (; left >= 4; left -= 4, x += 16) v = f.join(v, v128.load(x));
      v = f.join(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
      v = f.join(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
    }
    const width = min(4, inner - column);
    for (; left > 0; left--, x += <usize>inner << 2) v = f.join(v, width == 4 ? v128.load(x) : loadPart(x, width));
    if (width == 4) v128.store(out, v);
    else storePart(out, v, width);
  }
}

class All {
  @inline start(): i32 {
    return 1;
  }
  @inline join(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

class Any {
  @inline start(): i32 {
    return 0;
  }
  @inline join(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
}

class SumInt {
  @inline start(): i32 {
    return 0;
  }
  @inline join(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

class ProdInt {
  @inline start(): i32 {
    return 1;
  }
  @inline join(a: v128, b: v128): v128 {
    return i32x4.mul(a, b);
  }
}

class MaxInt {
  @inline start(): i32 {
    return i32.MIN_VALUE;
  }
  @inline join(a: v128, b: v128): v128 {
    return i32x4.max_s(a, b);
  }
}

class MinInt {
  @inline start(): i32 {
    return i32.MAX_VALUE;
  }
  @inline join(a: v128, b: v128): v128 {
    return i32x4.min_s(a, b);
  }
}
