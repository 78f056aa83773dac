/**
 * Chains: elementwise steps of an instruction or two, each of which takes on the result of the one before. A tile of
 * eight vectors stays in registers from the first step to the last, so that a chain costs what one loop written for it
 * would. Specification: that of its steps, one by one.
 */
import { CHAIN_TILE, Link, MapStep } from '../isa';
import { ZERO } from '../math/functions';
import { leakyReluV } from './unary';

const TILE_BYTES: usize = CHAIN_TILE * 4;

/**
 * Runs the steps from `first` to `end` over n elements, a multiple of CHAIN_TILE; the table holds the operands' addresses.
 * All that depends on a step's kind is unrolled by hand: eight accumulators are what stays in registers beside operands.
 */
export function chain(first: usize, end: usize, table: usize, n: i32): void {
  for (let i: usize = 0, bytes = <usize>n << 2; i < bytes; i += TILE_BYTES) {
    let r0 = ZERO,
      r1 = r0,
      r2 = r0,
      r3 = r0,
      r4 = r0,
      r5 = r0,
      r6 = r0,
      r7 = r0;
    for (let s = first; s < end; s += MapStep.size) {
      if (load<i32>(s, MapStep.isLoaded)) {
        const a = address(table, s, MapStep.a) + i;
        r0 = v128.load(a);
        r1 = v128.load(a, 16);
        r2 = v128.load(a, 32);
        r3 = v128.load(a, 48);
        r4 = v128.load(a, 64);
        r5 = v128.load(a, 80);
        r6 = v128.load(a, 96);
        r7 = v128.load(a, 112);
      }
      const b = address(table, s, MapStep.other) + i;
      switch (load<i32>(s, MapStep.link)) {
        case Link.neg:
          r0 = f32x4.neg(r0);
          r1 = f32x4.neg(r1);
          r2 = f32x4.neg(r2);
          r3 = f32x4.neg(r3);
          r4 = f32x4.neg(r4);
          r5 = f32x4.neg(r5);
          r6 = f32x4.neg(r6);
          r7 = f32x4.neg(r7);
          break;
        case Link.abs:
          r0 = f32x4.abs(r0);
          r1 = f32x4.abs(r1);
          r2 = f32x4.abs(r2);
          r3 = f32x4.abs(r3);
          r4 = f32x4.abs(r4);
          r5 = f32x4.abs(r5);
          r6 = f32x4.abs(r6);
          r7 = f32x4.abs(r7);
          break;
        case Link.square:
          r0 = f32x4.mul(r0, r0);
          r1 = f32x4.mul(r1, r1);
          r2 = f32x4.mul(r2, r2);
          r3 = f32x4.mul(r3, r3);
          r4 = f32x4.mul(r4, r4);
          r5 = f32x4.mul(r5, r5);
          r6 = f32x4.mul(r6, r6);
          r7 = f32x4.mul(r7, r7);
          break;
        case Link.relu:
          r0 = f32x4.pmax(r0, ZERO);
          r1 = f32x4.pmax(r1, ZERO);
          r2 = f32x4.pmax(r2, ZERO);
          r3 = f32x4.pmax(r3, ZERO);
          r4 = f32x4.pmax(r4, ZERO);
          r5 = f32x4.pmax(r5, ZERO);
          r6 = f32x4.pmax(r6, ZERO);
          r7 = f32x4.pmax(r7, ZERO);
          break;
        case Link.leakyRelu: {
          const p = v128.load_splat<f32>(s, MapStep.p);
          r0 = leakyReluV(r0, p);
          r1 = leakyReluV(r1, p);
          r2 = leakyReluV(r2, p);
          r3 = leakyReluV(r3, p);
          r4 = leakyReluV(r4, p);
          r5 = leakyReluV(r5, p);
          r6 = leakyReluV(r6, p);
          r7 = leakyReluV(r7, p);
          break;
        }
        case Link.clip: {
          const p = v128.load_splat<f32>(s, MapStep.p),
            q = v128.load_splat<f32>(s, MapStep.q);
          r0 = f32x4.pmin(f32x4.pmax(r0, p), q);
          r1 = f32x4.pmin(f32x4.pmax(r1, p), q);
          r2 = f32x4.pmin(f32x4.pmax(r2, p), q);
          r3 = f32x4.pmin(f32x4.pmax(r3, p), q);
          r4 = f32x4.pmin(f32x4.pmax(r4, p), q);
          r5 = f32x4.pmin(f32x4.pmax(r5, p), q);
          r6 = f32x4.pmin(f32x4.pmax(r6, p), q);
          r7 = f32x4.pmin(f32x4.pmax(r7, p), q);
          break;
        }
        case Link.add:
          r0 = f32x4.add(r0, v128.load(b));
          r1 = f32x4.add(r1, v128.load(b, 16));
          r2 = f32x4.add(r2, v128.load(b, 32));
          r3 = f32x4.add(r3, v128.load(b, 48));
          r4 = f32x4.add(r4, v128.load(b, 64));
          r5 = f32x4.add(r5, v128.load(b, 80));
          r6 = f32x4.add(r6, v128.load(b, 96));
          r7 = f32x4.add(r7, v128.load(b, 112));
          break;
        case Link.sub:
          r0 = f32x4.sub(r0, v128.load(b));
          r1 = f32x4.sub(r1, v128.load(b, 16));
          r2 = f32x4.sub(r2, v128.load(b, 32));
          r3 = f32x4.sub(r3, v128.load(b, 48));
          r4 = f32x4.sub(r4, v128.load(b, 64));
          r5 = f32x4.sub(r5, v128.load(b, 80));
          r6 = f32x4.sub(r6, v128.load(b, 96));
          r7 = f32x4.sub(r7, v128.load(b, 112));
          break;
        case Link.subFrom:
          r0 = f32x4.sub(v128.load(b), r0);
          r1 = f32x4.sub(v128.load(b, 16), r1);
          r2 = f32x4.sub(v128.load(b, 32), r2);
          r3 = f32x4.sub(v128.load(b, 48), r3);
          r4 = f32x4.sub(v128.load(b, 64), r4);
          r5 = f32x4.sub(v128.load(b, 80), r5);
          r6 = f32x4.sub(v128.load(b, 96), r6);
          r7 = f32x4.sub(v128.load(b, 112), r7);
          break;
        case Link.mul:
          r0 = f32x4.mul(r0, v128.load(b));
          r1 = f32x4.mul(r1, v128.load(b, 16));
          r2 = f32x4.mul(r2, v128.load(b, 32));
          r3 = f32x4.mul(r3, v128.load(b, 48));
          r4 = f32x4.mul(r4, v128.load(b, 64));
          r5 = f32x4.mul(r5, v128.load(b, 80));
          r6 = f32x4.mul(r6, v128.load(b, 96));
          r7 = f32x4.mul(r7, v128.load(b, 112));
          break;
        case Link.div:
          r0 = f32x4.div(r0, v128.load(b));
          r1 = f32x4.div(r1, v128.load(b, 16));
          r2 = f32x4.div(r2, v128.load(b, 32));
          r3 = f32x4.div(r3, v128.load(b, 48));
          r4 = f32x4.div(r4, v128.load(b, 64));
          r5 = f32x4.div(r5, v128.load(b, 80));
          r6 = f32x4.div(r6, v128.load(b, 96));
          r7 = f32x4.div(r7, v128.load(b, 112));
          break;
        case Link.divInto:
          r0 = f32x4.div(v128.load(b), r0);
          r1 = f32x4.div(v128.load(b, 16), r1);
          r2 = f32x4.div(v128.load(b, 32), r2);
          r3 = f32x4.div(v128.load(b, 48), r3);
          r4 = f32x4.div(v128.load(b, 64), r4);
          r5 = f32x4.div(v128.load(b, 80), r5);
          r6 = f32x4.div(v128.load(b, 96), r6);
          r7 = f32x4.div(v128.load(b, 112), r7);
          break;
        case Link.maximum:
          r0 = f32x4.max(r0, v128.load(b));
          r1 = f32x4.max(r1, v128.load(b, 16));
          r2 = f32x4.max(r2, v128.load(b, 32));
          r3 = f32x4.max(r3, v128.load(b, 48));
          r4 = f32x4.max(r4, v128.load(b, 64));
          r5 = f32x4.max(r5, v128.load(b, 80));
          r6 = f32x4.max(r6, v128.load(b, 96));
          r7 = f32x4.max(r7, v128.load(b, 112));
          break;
        case Link.minimum:
          r0 = f32x4.min(r0, v128.load(b));
          r1 = f32x4.min(r1, v128.load(b, 16));
          r2 = f32x4.min(r2, v128.load(b, 32));
          r3 = f32x4.min(r3, v128.load(b, 48));
          r4 = f32x4.min(r4, v128.load(b, 64));
          r5 = f32x4.min(r5, v128.load(b, 80));
          r6 = f32x4.min(r6, v128.load(b, 96));
          r7 = f32x4.min(r7, v128.load(b, 112));
          break;
        case Link.reluGrad:
          r0 = v128.and(r0, f32x4.gt(v128.load(b), ZERO));
          r1 = v128.and(r1, f32x4.gt(v128.load(b, 16), ZERO));
          r2 = v128.and(r2, f32x4.gt(v128.load(b, 32), ZERO));
          r3 = v128.and(r3, f32x4.gt(v128.load(b, 48), ZERO));
          r4 = v128.and(r4, f32x4.gt(v128.load(b, 64), ZERO));
          r5 = v128.and(r5, f32x4.gt(v128.load(b, 80), ZERO));
          r6 = v128.and(r6, f32x4.gt(v128.load(b, 96), ZERO));
          r7 = v128.and(r7, f32x4.gt(v128.load(b, 112), ZERO));
          break;

        default:
          unreachable();
      }
      if (load<i32>(s, MapStep.isStored)) {
        const to = address(table, s, MapStep.target) + i;
        v128.store(to, r0);
        v128.store(to, r1, 16);
        v128.store(to, r2, 32);
        v128.store(to, r3, 48);
        v128.store(to, r4, 64);
        v128.store(to, r5, 80);
        v128.store(to, r6, 96);
        v128.store(to, r7, 112);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function address(table: usize, s: usize, field: usize): usize {
  return load<usize>(table + (load<usize>(s + field) << 2));
}
