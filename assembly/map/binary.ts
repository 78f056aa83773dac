/** Elementwise functions of two and three operands over contiguous runs. */
import { Bin } from '../isa';
import { floorDivIntV, floorDivV, modIntV, modV, powIntV } from '../math/division';
import { loadPart, storePart } from '../lanes';
import { powV } from '../math/power';
import { atan2V } from '../math/trigonometry';

/** dst[i] = code(a[i], b[i]); dst may be a or b. p is the function's parameter. */
export function binary(code: i32, a: usize, b: usize, dst: usize, n: i32, p: f32): void {
  switch (code) {
    case Bin.add:
      return each<Add>(a, b, dst, n, p);
    case Bin.sub:
      return each<Sub>(a, b, dst, n, p);
    case Bin.mul:
      return each<Mul>(a, b, dst, n, p);
    case Bin.div:
      return each<Div>(a, b, dst, n, p);
    case Bin.maximum:
      return each<Maximum>(a, b, dst, n, p);
    case Bin.minimum:
      return each<Minimum>(a, b, dst, n, p);
    case Bin.squaredDifference:
      return each<SquaredDifference>(a, b, dst, n, p);
    /** a where b > 0 (b is the output or input of a ReLU), else 0 */
    case Bin.reluGrad:
      return each<ReluGrad>(a, b, dst, n, p);
    /** b > 0 ? a : p a */
    case Bin.leakyReluGrad:
      return each<LeakyReluGrad>(a, b, dst, n, p);
    case Bin.equal:
      return each<Equal>(a, b, dst, n, p);
    case Bin.notEqual:
      return each<NotEqual>(a, b, dst, n, p);
    case Bin.less:
      return each<Less>(a, b, dst, n, p);
    case Bin.lessEqual:
      return each<LessEqual>(a, b, dst, n, p);
    case Bin.greater:
      return each<Greater>(a, b, dst, n, p);
    case Bin.greaterEqual:
      return each<GreaterEqual>(a, b, dst, n, p);
    case Bin.logicalAnd:
      return each<LogicalAnd>(a, b, dst, n, p);
    case Bin.logicalOr:
      return each<LogicalOr>(a, b, dst, n, p);
    case Bin.addInt:
      return each<AddInt>(a, b, dst, n, p);
    case Bin.subInt:
      return each<SubInt>(a, b, dst, n, p);
    case Bin.mulInt:
      return each<MulInt>(a, b, dst, n, p);
    case Bin.equalInt:
      return each<EqualInt>(a, b, dst, n, p);
    case Bin.lessInt:
      return each<LessInt>(a, b, dst, n, p);
    case Bin.atan2:
      return each<Atan2>(a, b, dst, n, p);
    case Bin.pow:
      return each<Pow>(a, b, dst, n, p);
    /** a - b floor(a / b): the remainder with the sign of b. */
    case Bin.mod:
      return each<Mod>(a, b, dst, n, p);
    /** floor(a / b) of two f32, as int32 */
    case Bin.floorDiv:
      return each<FloorDiv>(a, b, dst, n, p);
    case Bin.maximumInt:
      return each<MaximumInt>(a, b, dst, n, p);
    case Bin.minimumInt:
      return each<MinimumInt>(a, b, dst, n, p);
    case Bin.modInt:
      return each<ModInt>(a, b, dst, n, p);
    case Bin.floorDivInt:
      return each<FloorDivInt>(a, b, dst, n, p);
    case Bin.powInt:
      return each<PowInt>(a, b, dst, n, p);
    default:
      unreachable();
  }
}

/** The loop, four vectors at a time; T passes the function, as in unary.ts. */
function each<T>(a: usize, b: usize, dst: usize, n: i32, p: f32): void {
  const f = changetype<T>(0);
  const pp = f32x4.splat(p);
  for (const end = dst + (<usize>(n & ~15) << 2); dst < end; a += 64, b += 64, dst += 64) {
    v128.store(dst, f.of(v128.load(a), v128.load(b), pp));
    v128.store(dst, f.of(v128.load(a, 16), v128.load(b, 16), pp), 16);
    v128.store(dst, f.of(v128.load(a, 32), v128.load(b, 32), pp), 32);
    v128.store(dst, f.of(v128.load(a, 48), v128.load(b, 48), pp), 48);
  }
  for (n &= 15; n >= 4; n -= 4, a += 16, b += 16, dst += 16) v128.store(dst, f.of(v128.load(a), v128.load(b), pp));
  if (n) storePart(dst, f.of(loadPart(a, n), loadPart(b, n), pp), n);
}

/** dst[i] = condition[i] != 0 ? a[i] : b[i], on bit patterns. */
export function select(condition: usize, a: usize, b: usize, dst: usize, n: i32): void {
  const zero = i32x4.splat(0);
  const end = dst + (<usize>(n & ~3) << 2);
  while (dst < end) {
    v128.store(dst, v128.bitselect(v128.load(b), v128.load(a), i32x4.eq(v128.load(condition), zero)));
    condition += 16;
    a += 16;
    b += 16;
    dst += 16;
  }
  n &= 3;
  if (n) {
    storePart(dst, v128.bitselect(loadPart(b, n), loadPart(a, n), i32x4.eq(loadPart(condition, n), zero)), n);
  }
}

class Add {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.add(a, b);
  }
}

class Sub {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.sub(a, b);
  }
}

class Mul {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.mul(a, b);
  }
}

class Div {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.div(a, b);
  }
}

class Maximum {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.max(a, b);
  }
}

class Minimum {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return f32x4.min(a, b);
  }
}

class SquaredDifference {
  @inline of(a: v128, b: v128, p: v128): v128 {
    const d = f32x4.sub(a, b);
    return f32x4.mul(d, d);
  }
}

class ReluGrad {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(a, f32x4.gt(b, f32x4.splat(0)));
  }
}

class LeakyReluGrad {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.bitselect(a, f32x4.mul(p, a), f32x4.gt(b, f32x4.splat(0)));
  }
}

class Equal {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.eq(a, b), i32x4.splat(1));
  }
}

class NotEqual {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.ne(a, b), i32x4.splat(1));
  }
}

class Less {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.lt(a, b), i32x4.splat(1));
  }
}

class LessEqual {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.le(a, b), i32x4.splat(1));
  }
}

class Greater {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.gt(a, b), i32x4.splat(1));
  }
}

class GreaterEqual {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(f32x4.ge(a, b), i32x4.splat(1));
  }
}

class LogicalAnd {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(a, b);
  }
}

class LogicalOr {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.or(a, b);
  }
}

class AddInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return i32x4.add(a, b);
  }
}

class SubInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return i32x4.sub(a, b);
  }
}

class MulInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return i32x4.mul(a, b);
  }
}

class EqualInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(i32x4.eq(a, b), i32x4.splat(1));
  }
}

class LessInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return v128.and(i32x4.lt_s(a, b), i32x4.splat(1));
  }
}

class Atan2 {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return atan2V(a, b);
  }
}

class Pow {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return powV(a, b);
  }
}

class Mod {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return modV(a, b);
  }
}

class FloorDiv {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return floorDivV(a, b);
  }
}

class MaximumInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return i32x4.max_s(a, b);
  }
}

class MinimumInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return i32x4.min_s(a, b);
  }
}

class ModInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return modIntV(a, b);
  }
}

class FloorDivInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return floorDivIntV(a, b);
  }
}

class PowInt {
  @inline of(a: v128, b: v128, p: v128): v128 {
    return powIntV(a, b);
  }
}
