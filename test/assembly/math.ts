/** Function number f of assembly/math/functions.ts, trigonometry.ts and power.ts over arrays; the numbers are those of math.test.ts. */
import * as m from '../../assembly/math/functions';
import * as p from '../../assembly/math/power';
import * as t from '../../assembly/math/trigonometry';

/** out[i] = f(x[i], y[i]) for n a multiple of 4. */
export function vectors(f: i32, out: usize, x: usize, y: usize, n: i32): void {
  for (let i: usize = 0, end = (<usize>n) << 2; i < end; i += 16) {
    v128.store(out + i, vector(f, v128.load(x + i), v128.load(y + i)));
  }
}

export function scalars(f: i32, out: usize, x: usize, y: usize, n: i32): void {
  for (let i: usize = 0, end = (<usize>n) << 2; i < end; i += 4) {
    store<f32>(out + i, scalar(f, load<f32>(x + i), load<f32>(y + i)));
  }
}

function vector(f: i32, x: v128, y: v128): v128 {
  switch (f) {
    case 0:
      return m.expV(x);
    case 1:
      return m.logV(x);
    case 2:
      return m.tanhV(x);
    case 3:
      return m.sigmoidV(x);
    case 4:
      return m.erfV(x);
    case 5:
      return m.expm1V(x);
    case 6:
      return m.log1pV(x);
    case 7:
      return m.softplusV(x);
    case 8:
      return m.normalQuantileV(x);
    case 9:
      return t.sinV(x);
    case 10:
      return t.cosV(x);
    case 11:
      return t.tanV(x);
    case 12:
      return t.asinV(x);
    case 13:
      return t.acosV(x);
    case 14:
      return t.atanV(x);
    case 15:
      return p.sinhV(x);
    case 16:
      return p.coshV(x);
    case 17:
      return p.asinhV(x);
    case 18:
      return p.acoshV(x);
    case 19:
      return p.atanhV(x);
    case 20:
      return t.atan2V(x, y);
    case 21:
      return p.powV(x, y);
    default:
      return unreachable();
  }
}

function scalar(f: i32, x: f32, y: f32): f32 {
  switch (f) {
    case 0:
      return m.expS(x);
    case 1:
      return m.logS(x);
    case 2:
      return m.tanhS(x);
    case 3:
      return m.sigmoidS(x);
    case 4:
      return m.erfS(x);
    case 5:
      return m.expm1S(x);
    case 6:
      return m.log1pS(x);
    case 7:
      return m.softplusS(x);
    case 8:
      return m.normalQuantileS(x);
    case 9:
      return t.sinS(x);
    case 10:
      return t.cosS(x);
    case 11:
      return t.tanS(x);
    case 12:
      return t.asinS(x);
    case 13:
      return t.acosS(x);
    case 14:
      return t.atanS(x);
    case 15:
      return p.sinhS(x);
    case 16:
      return p.coshS(x);
    case 17:
      return p.asinhS(x);
    case 18:
      return p.acoshS(x);
    case 19:
      return p.atanhS(x);
    case 20:
      return t.atan2S(x, y);
    case 21:
      return p.powS(x, y);
    default:
      return unreachable();
  }
}
