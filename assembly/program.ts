/** The loop that walks a program, and what workers do of it. */
import { Control, Count, Fault, Loop, LoopRecord, Op, REPEATS, WAKING_CHUNKS } from './isa';
import { accumulate, append, tally } from './train/accumulate';
import { putAlong, takeAlong } from './move/along';
import { argReduce } from './fold/arg-reduce';
import { depthwiseConv2d, depthwiseConv2dFilterGrad, depthwiseConv2dInputGrad } from './conv/depthwise';
import { conv2dFilterGrad } from './conv/filtergrad';
import { conv2d } from './conv/forward';
import { conv2dInputGrad } from './conv/inputgrad';
import { winogradFilterGrad } from './conv/winograd/filtergrad';
import { winograd, winogradFilter, winogradInputGrad } from './conv/winograd/forward';
import { fill, gatherRows, oneHot, stridedCopy } from './move/copy';
import { gemm, packShared } from './gemm/gemm';
import { gemmInt } from './gemm/integers';
import { int8Conv } from './int8/conv';
import { int8Depthwise } from './int8/depthwise';
import { int8Gemm } from './int8/gemm';
import { quantize, quantizePairs, unpack } from './int8/quantize';
import { int8Winograd, int8WinogradFilter } from './int8/winograd';
import { flatIndex, gather, scatter } from './move/indexing';
import { resample, resampleGrad, sumRows, takeRows } from './move/resample';
import { map } from './map/map';
import { avgPool, avgPoolGrad, maxPool, maxPoolGather, maxPoolGrad } from './conv/pool';
import { dropout, random } from './random/random';
import { pick } from './random/pick';
import { reduce } from './fold/reduce';
import { cumulative } from './fold/cumulative';
import { logSoftmax, softmax } from './fold/softmax';
import { searchSorted, topK } from './move/sorting';
import { awaitChunk, awaitFinished, claim, finish, publish, wake } from './threads';
import { sumTree } from './train/tree';
import { adadelta, adagrad, adam, adamax, average, ftrl, lion, momentum, nadam, rmsProp, sgd } from './train/update';

/**
 * Walks a program. Stops early if a command reports a fault (Control.fault).
 * @returns whether it ran to its end
 */
export function walk(p: usize, shares: bool, mayWait: bool): bool {
  while (true) {
    const op = load<u16>(p),
      chunks = <i32>load<u16>(p, 2);
    if (op == Op.End) return true;
    if (op == Op.Loop) {
      if (!loop(p, shares, mayWait)) return false;
    } else {
      if (ASC_FEATURE_THREADS && shares && chunks > 1) share(p, chunks, mayWait);
      else command(p, 0, 1);
      if (load<i32>(0, Control.fault)) return false;
    }
    p += load<u32>(p, 4);
  }
}

/** Sets the addresses of each run before it. */
function loop(p: usize, shares: bool, mayWait: bool): bool {
  const count = load<i32>(p, Loop.count),
    start = p + load<u32>(p, Loop.start);
  for (let i = 0; i < count; i++) {
    for (let r = p + Loop.size, end = r + load<u32>(p, Loop.records) * LoopRecord.size; r < end; r += LoopRecord.size) {
      store<u32>(p + load<u32>(r, LoopRecord.at), load<u32>(r, LoopRecord.base) + i * load<i32>(r, LoopRecord.stride));
    }
    if (!walk(start, shares, mayWait)) return false;
  }
  return true;
}

/** Computes a command together with the workers, of which there may be none. */
function share(p: usize, word: i32, mayWait: bool): void {
  const most = word & ~REPEATS,
    limit = load<i32>(word & REPEATS ? Control.threads : Control.limit);
  let chunks = most;
  // Halved, so that what divided the work evenly still does.
  while (chunks > limit) chunks >>= 1;
  const generation = load<u32>(0, Control.generation);
  publish(p, chunks);
  if (most >= WAKING_CHUNKS) wake();
  let own = 0;
  for (let chunk = 0; chunk >= 0; chunk = claim(generation)) {
    command(p, chunk, chunks);
    own++;
  }
  if (awaitFinished(chunks - own, mayWait)) return;
  store<usize>(0, p, Control.faultAt);
  store<i32>(0, Fault.WorkerLost, Control.fault);
}

/** A worker's life: chunk after chunk, until it is asked to end. */
export function serve(slot: i32, worker: u32): void {
  for (let chunk = awaitChunk(slot, worker); chunk >= 0; chunk = awaitChunk(slot, worker)) {
    command(load<usize>(0, Control.command), chunk, load<i32>(0, Control.chunks));
    finish();
  }
}

/** Slice t of a command that is cut into n. */
function command(p: usize, t: i32, n: i32): void {
  switch (<i32>load<u16>(p)) {
    case Op.Gemm:
      gemm(p, t, n);
      break;
    case Op.PackPanels:
      packShared(p, t, n);
      break;
    case Op.Conv2d:
      conv2d(p, t, n);
      break;
    case Op.Conv2dInputGrad:
      conv2dInputGrad(p, t, n);
      break;
    case Op.Winograd:
      winograd(p, t, n);
      break;
    case Op.WinogradInputGrad:
      winogradInputGrad(p, t, n);
      break;
    case Op.WinogradFilter:
      winogradFilter(p, t, n);
      break;
    case Op.MaxPool:
      maxPool(p, t, n);
      break;
    case Op.AvgPool:
      avgPool(p, t, n);
      break;
    case Op.Map:
      map(p, t, n);
      break;
    case Op.Reduce:
      reduce(p, t, n);
      break;
    case Op.ArgReduce:
      argReduce(p, t, n);
      break;
    case Op.Softmax:
      softmax(p, t, n);
      break;
    case Op.LogSoftmax:
      logSoftmax(p, t, n);
      break;
    case Op.StridedCopy:
      stridedCopy(p, t, n);
      break;
    case Op.OneHot:
      oneHot(p, t, n);
      break;
    case Op.Fill:
      fill(p, t, n);
      break;
    case Op.Random:
      random(p, t, n);
      break;
    case Op.Dropout:
      dropout(p, t, n);
      break;
    case Op.Cumulative:
      cumulative(p, t, n);
      break;
    case Op.TopK:
      topK(p, t, n);
      break;
    case Op.TakeAlong:
      takeAlong(p, t, n);
      break;
    case Op.Gather:
      gather(p, t, n);
      break;
    case Op.DepthwiseConv2d:
      depthwiseConv2d(p, t, n);
      break;
    case Op.Resample:
      resample(p, t, n);
      break;
    case Op.TakeRows:
      takeRows(p, t, n);
      break;
    case Op.SumRows:
      sumRows(p, t, n);
      break;
    case Op.GemmInt:
      gemmInt(p, t, n);
      break;
    case Op.Quantize:
      quantize(p, t, n);
      break;
    case Op.QuantizePairs:
      quantizePairs(p, t, n);
      break;
    case Op.Unpack:
      unpack(p, t, n);
      break;
    case Op.Int8Gemm:
      int8Gemm(p, t, n);
      break;
    case Op.Int8Conv:
      int8Conv(p, t, n);
      break;
    case Op.Int8Depthwise:
      int8Depthwise(p, t, n);
      break;
    case Op.Int8Winograd:
      int8Winograd(p, t, n);
      break;
    case Op.Int8WinogradFilter:
      int8WinogradFilter(p, t, n);
      break;
    default:
      if (TRAINS) furtherCommand(p, t, n);
      else unreachable();
  }
}

/** Commands that no program of `samegrad/predict` has; its module is built without them (`asconfig.json`). */
function furtherCommand(p: usize, t: i32, n: i32): void {
  switch (<i32>load<u16>(p)) {
    case Op.GatherRows:
      gatherRows(p, t, n);
      break;
    case Op.Conv2dFilterGrad:
      conv2dFilterGrad(p, t, n);
      break;
    case Op.WinogradFilterGrad:
      winogradFilterGrad(p, t, n);
      break;
    case Op.MaxPoolGrad:
      maxPoolGrad(p, t, n);
      break;
    case Op.MaxPoolGather:
      maxPoolGather(p, t, n);
      break;
    case Op.AvgPoolGrad:
      avgPoolGrad(p, t, n);
      break;
    case Op.Sgd:
      sgd(p, t, n);
      break;
    case Op.Momentum:
      momentum(p, t, n);
      break;
    case Op.RmsProp:
      rmsProp(p, t, n);
      break;
    case Op.Adam:
      adam(p, t, n);
      break;
    case Op.Nadam:
      nadam(p, t, n);
      break;
    case Op.Adagrad:
      adagrad(p, t, n);
      break;
    case Op.Adadelta:
      adadelta(p, t, n);
      break;
    case Op.Adamax:
      adamax(p, t, n);
      break;
    case Op.Lion:
      lion(p, t, n);
      break;
    case Op.Ftrl:
      ftrl(p, t, n);
      break;
    case Op.Average:
      average(p, t, n);
      break;
    case Op.Count:
      store<u32>(load<usize>(p, Count.cell), load<u32>(load<usize>(p, Count.cell)) + 1);
      break;
    case Op.SearchSorted:
      searchSorted(p, t, n);
      break;
    case Op.PutAlong:
      putAlong(p, t, n);
      break;
    case Op.Scatter:
      scatter(p, t, n);
      break;
    case Op.FlatIndex:
      flatIndex(p, t, n);
      break;
    case Op.Pick:
      pick(p, t, n);
      break;
    case Op.DepthwiseConv2dInputGrad:
      depthwiseConv2dInputGrad(p, t, n);
      break;
    case Op.DepthwiseConv2dFilterGrad:
      depthwiseConv2dFilterGrad(p, t, n);
      break;
    case Op.ResampleGrad:
      resampleGrad(p, t, n);
      break;
    case Op.Accumulate:
      accumulate(p);
      break;
    case Op.Tally:
      tally(p);
      break;
    case Op.Append:
      append(p);
      break;
    case Op.SumTree:
      sumTree(p, t, n);
      break;
    default:
      unreachable();
  }
}
