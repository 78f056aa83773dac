/** Elementwise functions of one operand over a contiguous run. Specification: `test/reference/elementwise.ts`. */
import { Un } from '../isa';
import { isNaNLanes, loadPart, storePart } from '../lanes';
import { erfV, expV, expm1V, log1pV, logV, sigmoidV, softplusV, tanhV } from '../math/functions';
import { acoshV, asinhV, atanhV, coshV, sinhV } from '../math/power';
import { acosV, asinV, atanV, cosV, sinV, tanV } from '../math/trigonometry';

/** dst[i] = code(src[i]); p and q are the function's parameters. dst may be src. */
export function unary(code: i32, src: usize, dst: usize, n: i32, p: f32, q: f32): void {
  switch (code) {
    case Un.identity:
      memory.copy(dst, src, <usize>n << 2);
      return;
    case Un.neg:
      return eachByFour<Neg>(src, dst, n, p, q);
    case Un.abs:
      return eachByFour<Abs>(src, dst, n, p, q);
    case Un.sign:
      return each<Sign>(src, dst, n, p, q);
    case Un.square:
      return eachByFour<Square>(src, dst, n, p, q);
    case Un.sqrt:
      return each<Sqrt>(src, dst, n, p, q);
    case Un.rsqrt:
      return each<Rsqrt>(src, dst, n, p, q);
    case Un.reciprocal:
      return each<Reciprocal>(src, dst, n, p, q);
    case Un.exp:
      return each<Exp>(src, dst, n, p, q);
    case Un.log:
      return each<Log>(src, dst, n, p, q);
    case Un.log1p:
      return each<Log1p>(src, dst, n, p, q);
    case Un.expm1:
      return each<Expm1>(src, dst, n, p, q);
    case Un.tanh:
      return each<Tanh>(src, dst, n, p, q);
    case Un.sigmoid:
      return each<Sigmoid>(src, dst, n, p, q);
    case Un.softplus:
      return each<Softplus>(src, dst, n, p, q);
    case Un.erf:
      return each<Erf>(src, dst, n, p, q);
    case Un.relu:
      return eachByFour<Relu>(src, dst, n, p, q);
    /** x < 0 ? p x : x */
    case Un.leakyRelu:
      return each<LeakyRelu>(src, dst, n, p, q);
    /** x < p ? p : x > q ? q : x */
    case Un.clip:
      return each<Clip>(src, dst, n, p, q);
    case Un.floor:
      return each<Floor>(src, dst, n, p, q);
    case Un.ceil:
      return each<Ceil>(src, dst, n, p, q);
    case Un.round:
      return each<Round>(src, dst, n, p, q);
    /** x > 0 ? 1 : NaN stays NaN : p (TF.js' step) */
    case Un.step:
      return each<Step>(src, dst, n, p, q);
    case Un.isNaN:
      return each<IsNaN>(src, dst, n, p, q);
    case Un.logicalNot:
      return each<LogicalNot>(src, dst, n, p, q);
    /** f32 to int32, toward zero, saturating, NaN to 0 */
    case Un.toInt:
      return each<ToInt>(src, dst, n, p, q);
    /** int32 to f32 */
    case Un.toFloat:
      return each<ToFloat>(src, dst, n, p, q);
    /** f32 to bool */
    case Un.toBool:
      return each<ToBool>(src, dst, n, p, q);
    case Un.sin:
      return each<Sin>(src, dst, n, p, q);
    case Un.cos:
      return each<Cos>(src, dst, n, p, q);
    case Un.tan:
      return each<Tan>(src, dst, n, p, q);
    case Un.asin:
      return each<Asin>(src, dst, n, p, q);
    case Un.acos:
      return each<Acos>(src, dst, n, p, q);
    case Un.atan:
      return each<Atan>(src, dst, n, p, q);
    case Un.sinh:
      return each<Sinh>(src, dst, n, p, q);
    case Un.cosh:
      return each<Cosh>(src, dst, n, p, q);
    case Un.asinh:
      return each<Asinh>(src, dst, n, p, q);
    case Un.acosh:
      return each<Acosh>(src, dst, n, p, q);
    case Un.atanh:
      return each<Atanh>(src, dst, n, p, q);
    case Un.isInf:
      return each<IsInf>(src, dst, n, p, q);
    case Un.isFinite:
      return each<IsFinite>(src, dst, n, p, q);
    default:
      unreachable();
  }
}

/**
 * The loop. T is one of the classes below, which are never instantiated: a class is how a function is passed at
 * compile time, so that each instance of the loop holds one function.
 */
function each<T>(src: usize, dst: usize, n: i32, p: f32, q: f32): void {
  const f = changetype<T>(0);
  const pp = f32x4.splat(p),
    qq = f32x4.splat(q);
  const end = src + (<usize>(n & ~3) << 2);
  while (src < end) {
    v128.store(dst, f.of(v128.load(src), pp, qq));
    src += 16;
    dst += 16;
  }
  n &= 3;
  if (n) storePart(dst, f.of(loadPart(src, n), pp, qq), n);
}

/** The same, four vectors at a time: for functions of an instruction or two, where the loop itself would show. */
function eachByFour<T>(src: usize, dst: usize, n: i32, p: f32, q: f32): void {
  const f = changetype<T>(0);
  const pp = f32x4.splat(p),
    qq = f32x4.splat(q);
  for (const end = src + (<usize>(n & ~15) << 2); src < end; src += 64, dst += 64) {
    v128.store(dst, f.of(v128.load(src), pp, qq));
    v128.store(dst, f.of(v128.load(src, 16), pp, qq), 16);
    v128.store(dst, f.of(v128.load(src, 32), pp, qq), 32);
    v128.store(dst, f.of(v128.load(src, 48), pp, qq), 48);
  }
  each<T>(src, dst, n & 15, p, q);
}

class Neg {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.neg(x);
  }
}

class Abs {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.abs(x);
  }
}

/** -1, x itself (±0, NaN) or 1. */
class Sign {
  @inline of(x: v128, p: v128, q: v128): v128 {
    const zero = f32x4.splat(0);
    const negative = v128.bitselect(f32x4.splat(-1), x, f32x4.lt(x, zero));
    return v128.bitselect(f32x4.splat(1), negative, f32x4.gt(x, zero));
  }
}

class Square {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.mul(x, x);
  }
}

class Sqrt {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.sqrt(x);
  }
}

class Rsqrt {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  }
}

class Reciprocal {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.div(f32x4.splat(1), x);
  }
}

class Exp {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return expV(x);
  }
}

class Log {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return logV(x);
  }
}

class Log1p {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return log1pV(x);
  }
}

class Expm1 {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return expm1V(x);
  }
}

class Tanh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return tanhV(x);
  }
}

class Sigmoid {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return sigmoidV(x);
  }
}

class Softplus {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return softplusV(x);
  }
}

class Erf {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return erfV(x);
  }
}

/** pmax keeps x where it is NaN. */
class Relu {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.pmax(x, f32x4.splat(0));
  }
}

/** x < 0 ? p x : x */
// @ts-ignore: decorator
@inline
export function leakyReluV(x: v128, p: v128): v128 {
  return v128.bitselect(f32x4.mul(p, x), x, f32x4.lt(x, f32x4.splat(0)));
}

class LeakyRelu {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return leakyReluV(x, p);
  }
}

/** pmax and pmin keep x where it is NaN. */
class Clip {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.pmin(f32x4.pmax(x, p), q);
  }
}

class Floor {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.floor(x);
  }
}

class Ceil {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.ceil(x);
  }
}

/** Halves to the even integer. */
class Round {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.nearest(x);
  }
}

class Step {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.bitselect(x, v128.bitselect(f32x4.splat(1), p, f32x4.gt(x, f32x4.splat(0))), isNaNLanes(x));
  }
}

class IsNaN {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.and(isNaNLanes(x), i32x4.splat(1));
  }
}

class LogicalNot {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.and(i32x4.eq(x, i32x4.splat(0)), i32x4.splat(1));
  }
}

class ToInt {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return i32x4.trunc_sat_f32x4_s(x);
  }
}

class ToFloat {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return f32x4.convert_i32x4_s(x);
  }
}

class ToBool {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.and(f32x4.ne(x, f32x4.splat(0)), i32x4.splat(1));
  }
}

class Sin {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return sinV(x);
  }
}

class Cos {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return cosV(x);
  }
}

class Tan {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return tanV(x);
  }
}

class Asin {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return asinV(x);
  }
}

class Acos {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return acosV(x);
  }
}

class Atan {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return atanV(x);
  }
}

class Sinh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return sinhV(x);
  }
}

class Cosh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return coshV(x);
  }
}

class Asinh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return asinhV(x);
  }
}

class Acosh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return acoshV(x);
  }
}

class Atanh {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return atanhV(x);
  }
}

class IsInf {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.and(f32x4.eq(f32x4.abs(x), f32x4.splat(Infinity)), i32x4.splat(1));
  }
}

class IsFinite {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return v128.and(f32x4.lt(f32x4.abs(x), f32x4.splat(Infinity)), i32x4.splat(1));
  }
}
