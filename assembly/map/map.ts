/**
 * Elementwise chains. One pass over cache-sized blocks; in each block every step runs over contiguous runs, reading
 * inputs in place and keeping what only later steps need in block-sized temporaries. An input that does not
 * follow the output element by element is first expanded into a temporary block.
 */
import { Access, BINARY, CHAIN_TILE, MAP_BLOCK, MAP_OPERANDS, MapHead, MapInput, MapStep, TERNARY } from '../isa';
import { grainStart } from '../lanes';
import { binary, select } from './binary';
import { chain } from './chain';
import { copyRun, fillRun } from '../move/runs';
import { unary } from './unary';
import { ownScratch } from '../scratch';

const BLOCK_BYTES: usize = MAP_BLOCK * 4;

/**
 * Scratch of a thread: the address table of the operands for the current block, then one block for every input (used by
 * those that are expanded) and every temporary.
 */
const TABLE_BYTES: usize = MAP_OPERANDS * 4;

export function map(p: usize, t: i32, slices: i32): void {
  const count = load<i32>(p, MapHead.count),
    block = load<i32>(p, MapHead.block),
    inner = load<i32>(p, MapHead.inner),
    inputs = load<i32>(p, MapHead.inputs),
    outputs = load<i32>(p, MapHead.outputs);
  const start = grainStart(count, block, t, slices),
    end = grainStart(count, block, t + 1, slices);
  if (start >= end) return;
  const table = ownScratch(),
    blocks = table + TABLE_BYTES;
  const inputsAt = p + MapHead.size,
    outputsAt = inputsAt + inputs * MapInput.size,
    stepsAt = outputsAt + (<usize>outputs << 2),
    stepsEnd = stepsAt + load<i32>(p, MapHead.steps) * MapStep.size;
  prepare(p, inputsAt, inputs, table, blocks, block, inner);
  for (let i = inputs + outputs, at = blocks + inputs * BLOCK_BYTES; i < MAP_OPERANDS; i++, at += BLOCK_BYTES) {
    store<usize>(table + (<usize>i << 2), at);
  }
  // A row longer than a block is walked in parts, and no block crosses a row's end.
  for (let i = start, n = 0; i < end; i += n) {
    n = min(block, end - i);
    if (inner > block) n = min(n, inner - (i % inner));
    for (let k = 0; k < inputs; k++) bindInput(p, inputsAt + k * MapInput.size, i, n, inner, blocks + k * BLOCK_BYTES, table + (<usize>k << 2));
    for (let k = 0; k < outputs; k++) {
      store<usize>(table + (<usize>(inputs + k) << 2), load<usize>(outputsAt + (<usize>k << 2)) + (<usize>i << 2));
    }
    for (let s = stepsAt; s < stepsEnd; ) {
      const length = load<i32>(s, MapStep.length),
        next = s + length * MapStep.size,
        whole = length > 1 ? n & -CHAIN_TILE : 0;
      if (whole > 0) chain(s, next, table, whole);
      // The rest of a tile is done step by step.
      if (whole < n) for (; s < next; s += MapStep.size) step(s, table, whole, n - whole);
      s = next;
    }
  }
}

// @ts-ignore: decorator
@inline
function operandAt(table: usize, s: usize, field: usize, first: i32): usize {
  return load<usize>(table + (load<usize>(s + field) << 2)) + (<usize>first << 2);
}

/** One step for n elements of a block, from element `first` on. */
// @ts-ignore: decorator
@inline
function step(s: usize, table: usize, first: i32, n: i32): void {
  const code = load<i32>(s, MapStep.code),
    target = operandAt(table, s, MapStep.target, first),
    a = operandAt(table, s, MapStep.a, first);
  if (code < BINARY) unary(code, a, target, n, load<f32>(s, MapStep.p), load<f32>(s, MapStep.q));
  else if (code < TERNARY) binary(code - BINARY, a, operandAt(table, s, MapStep.b, first), target, n, load<f32>(s, MapStep.p));
  else select(a, operandAt(table, s, MapStep.b, first), operandAt(table, s, MapStep.c, first), target, n);
}

/** Expands once what stays the same in every block. */
function prepare(p: usize, inputsAt: usize, inputs: i32, table: usize, blocks: usize, block: i32, inner: i32): void {
  for (let k = 0; k < inputs; k++) {
    const input = inputsAt + k * MapInput.size,
      address = load<usize>(input, MapInput.address),
      access = load<i32>(input, MapInput.access),
      at = blocks + k * BLOCK_BYTES;
    store<usize>(table + (<usize>k << 2), at);
    if (access == Access.scalar) fillRun(at, load<u32>(address), block);
    else if (access == Access.row && inner <= block) {
      const bytes = <usize>inner << 2;
      for (let to = at, stop = at + (<usize>block << 2); to < stop; to += bytes) memory.copy(to, address, bytes);
    }
  }
}

/** Sets the address of one input for the block of n elements that starts at element i. */
function bindInput(p: usize, input: usize, i: i32, n: i32, inner: i32, block: usize, entry: usize): void {
  const access = load<i32>(input, MapInput.access),
    address = load<usize>(input, MapInput.address);
  if (access == Access.full) store<usize>(entry, address + (<usize>i << 2));
  else if (access == Access.row) {
    if (inner > load<i32>(p, MapHead.block)) store<usize>(entry, address + (<usize>(i % inner) << 2));
  } else if (access == Access.strided) gatherBlock(p, input, address, i, n, inner, block);
}

/** Copies n elements from element i on through the input's strides: row after row, dimensions counted like an odometer. */
function gatherBlock(p: usize, input: usize, address: usize, i: i32, n: i32, inner: i32, to: usize): void {
  const innerStep = load<i32>(input, MapInput.inner);
  let row = i / inner,
    column = i - row * inner;
  while (n > 0) {
    let rest = row,
      from = address + column * innerStep;
    for (let d = 4; d >= 0 && rest > 0; d--) {
      const size = load<i32>(p + (<usize>d << 2), MapHead.d0);
      const next = rest / size;
      from += (rest - next * size) * load<i32>(input + (<usize>d << 2), MapInput.s0);
      rest = next;
    }
    const run = min(n, inner - column);
    if (innerStep == 4) copyRun(to, from, run);
    else if (innerStep == 0) fillRun(to, load<u32>(from), run);
    else {
      for (let j = 0; j < run; j++, from += innerStep) store<u32>(to + (<usize>j << 2), load<u32>(from));
    }
    to += <usize>run << 2;
    n -= run;
    column = 0;
    row++;
  }
}
