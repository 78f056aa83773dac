/** The loop that walks a program, and how threads meet. */
import { Control, Count, Loop, LoopRecord, Op } from './isa';
import { accumulate, append, tally } from './accumulate';
import { putAlong, takeAlong } from './along';
import { argReduce } from './argreduce';
import { depthwiseConv2d, depthwiseConv2dFilterGrad, depthwiseConv2dInputGrad } from './conv/depthwise';
import { conv2dFilterGrad } from './conv/filtergrad';
import { conv2d } from './conv/forward';
import { conv2dInputGrad } from './conv/inputgrad';
import { fill, gatherRows, oneHot, stridedCopy } from './copy';
import { gemm, packShared } from './gemm/gemm';
import { flatIndex, gather, scatter } from './indexing';
import { resample, resampleGrad, sumRows, takeRows } from './image';
import { map } from './map';
import { avgPool, avgPoolGrad, maxPool, maxPoolGather, maxPoolGrad } from './pool';
import { dropout, random } from './random';
import { pick } from './pick';
import { reduce } from './reduce';
import { scan } from './scan';
import { logSoftmax, softmax } from './softmax';
import { searchSorted, topK } from './sorting';
import { barrier } from './threads';
import { adadelta, adagrad, adam, adamax, average, ftrl, lion, momentum, nadam, rmsProp, sgd } from './update';

/**
 * Walks the program at p as thread t of n: every thread calls every command and computes its slice; a barrier ends a
 * command, and another one the program, after which no thread reads it any more: the host may change it.
 * Stops early if a command reports a fault (Control.fault).
 */
export function walk(p: usize, t: i32, threads: i32, mayWait: bool): void {
  steps(p, t, threads, mayWait);
  if (ASC_FEATURE_THREADS && threads > 1) barrier(threads, mayWait);
}

/** @returns whether a fault has stopped it */
function steps(p: usize, t: i32, threads: i32, mayWait: bool): bool {
  while (true) {
    if (load<i32>(p) == Op.Loop) {
      if (loop(p, t, threads, mayWait)) return true;
    } else if (!command(p, t, threads)) return false;
    if (ASC_FEATURE_THREADS && threads > 1) {
      barrier(threads, mayWait);
      if (load<i32>(0, Control.stop)) return true;
    } else if (load<i32>(0, Control.fault)) return true;
    p += load<u32>(p, 4);
  }
}

/** Thread 0 sets the addresses of each run while the others wait. */
function loop(p: usize, t: i32, threads: i32, mayWait: bool): bool {
  const count = load<i32>(p, Loop.count),
    start = p + load<u32>(p, Loop.start);
  for (let i = 0; i < count; i++) {
    if (t == 0) {
      for (let r = p + Loop.size, end = r + load<u32>(p, Loop.records) * LoopRecord.size; r < end; r += LoopRecord.size) {
        store<u32>(p + load<u32>(r, LoopRecord.at), load<u32>(r, LoopRecord.base) + i * load<i32>(r, LoopRecord.stride));
      }
    }
    if (ASC_FEATURE_THREADS && threads > 1) barrier(threads, mayWait);
    if (steps(start, t, threads, mayWait)) return true;
  }
  return false;
}

function command(p: usize, t: i32, threads: i32): bool {
  switch (load<i32>(p)) {
    case Op.End:
      return false;
    case Op.Gemm:
      gemm(p, t, threads);
      break;
    case Op.PackPanels:
      packShared(p, t, threads);
      break;
    case Op.Conv2d:
      conv2d(p, t, threads);
      break;
    case Op.Conv2dInputGrad:
      conv2dInputGrad(p, t, threads);
      break;
    case Op.Conv2dFilterGrad:
      conv2dFilterGrad(p, t, threads);
      break;
    case Op.MaxPool:
      maxPool(p, t, threads);
      break;
    case Op.AvgPool:
      avgPool(p, t, threads);
      break;
    case Op.MaxPoolGrad:
      maxPoolGrad(p, t, threads);
      break;
    case Op.MaxPoolGather:
      maxPoolGather(p, t, threads);
      break;
    case Op.AvgPoolGrad:
      avgPoolGrad(p, t, threads);
      break;
    case Op.Map:
      map(p, t, threads);
      break;
    case Op.Reduce:
      reduce(p, t, threads);
      break;
    case Op.ArgReduce:
      argReduce(p, t, threads);
      break;
    case Op.Softmax:
      softmax(p, t, threads);
      break;
    case Op.LogSoftmax:
      logSoftmax(p, t, threads);
      break;
    case Op.StridedCopy:
      stridedCopy(p, t, threads);
      break;
    case Op.GatherRows:
      gatherRows(p, t, threads);
      break;
    case Op.OneHot:
      oneHot(p, t, threads);
      break;
    case Op.Fill:
      fill(p, t, threads);
      break;
    case Op.Random:
      random(p, t, threads);
      break;
    case Op.Dropout:
      dropout(p, t, threads);
      break;
    case Op.Sgd:
      sgd(p, t, threads);
      break;
    case Op.Momentum:
      momentum(p, t, threads);
      break;
    case Op.RmsProp:
      rmsProp(p, t, threads);
      break;
    case Op.Adam:
      adam(p, t, threads);
      break;
    case Op.Nadam:
      nadam(p, t, threads);
      break;
    case Op.Adagrad:
      adagrad(p, t, threads);
      break;
    case Op.Adadelta:
      adadelta(p, t, threads);
      break;
    case Op.Adamax:
      adamax(p, t, threads);
      break;
    case Op.Lion:
      lion(p, t, threads);
      break;
    case Op.Ftrl:
      ftrl(p, t, threads);
      break;
    case Op.Average:
      average(p, t, threads);
      break;
    case Op.Count:
      if (t == 0) store<u32>(load<usize>(p, Count.cell), load<u32>(load<usize>(p, Count.cell)) + 1);
      break;
    case Op.Scan:
      scan(p, t, threads);
      break;
    case Op.TopK:
      topK(p, t, threads);
      break;
    case Op.SearchSorted:
      searchSorted(p, t, threads);
      break;
    case Op.TakeAlong:
      takeAlong(p, t, threads);
      break;
    case Op.PutAlong:
      putAlong(p, t, threads);
      break;
    case Op.Gather:
      gather(p, t, threads);
      break;
    case Op.Scatter:
      scatter(p, t, threads);
      break;
    case Op.FlatIndex:
      flatIndex(p, t, threads);
      break;
    case Op.Pick:
      pick(p, t, threads);
      break;
    case Op.DepthwiseConv2d:
      depthwiseConv2d(p, t, threads);
      break;
    case Op.DepthwiseConv2dInputGrad:
      depthwiseConv2dInputGrad(p, t, threads);
      break;
    case Op.DepthwiseConv2dFilterGrad:
      depthwiseConv2dFilterGrad(p, t, threads);
      break;
    case Op.Resample:
      resample(p, t, threads);
      break;
    case Op.ResampleGrad:
      resampleGrad(p, t, threads);
      break;
    case Op.TakeRows:
      takeRows(p, t, threads);
      break;
    case Op.SumRows:
      sumRows(p, t, threads);
      break;
    case Op.Accumulate:
      accumulate(p, t);
      break;
    case Op.Tally:
      tally(p, t);
      break;
    case Op.Append:
      append(p, t);
      break;
    default:
      unreachable();
  }
  return true;
}
