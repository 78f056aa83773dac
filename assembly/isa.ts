/**
 * The instruction set that kernels and planner share, and the constants that both sides must agree on; codes.ts numbers
 * commands and functions, layouts/ tells where each operand of a command is. Read by asc and by TypeScript alike.
 *
 * A command is `[opcode u16][chunks u16][bytes to the next command u32][operands…]`; a program is a run of commands
 * closed by `Op.End`. Chunks: into how many pieces the command may be cut, 0 or 1 if it is not to be shared. Addresses are byte addresses in linear memory, sizes count elements, strides count bytes.
 */
export * from './codes';
export * from './layouts/folds';
export * from './layouts/image';
export * from './layouts/int8';
export * from './layouts/loops';
export * from './layouts/map';
export * from './layouts/movement';
export * from './layouts/order';
export * from './layouts/products';
export * from './layouts/random';
export * from './layouts/rows';
export * from './layouts/train';
export * from './layouts/windows';

/** Cells at fixed addresses below the heap; cells that threads write have separate cache lines. */
export enum Control {
  /** What went wrong (`Fault`), 0 while all is well. */
  fault = 64,
  /** Address of the command that went wrong. */
  faultAt = 68,
  /** The offending value, as a bit pattern. */
  faultValue = 72,
  /** Scratch of the caller; that of the worker in slot s is s * scratchStride bytes further on. */
  scratch = 128,
  scratchStride = 132,
  /** What the caller publishes its commands under; raised by one whenever the set of workers changes. */
  generation = 136,
  /** Most chunks that a command is cut into. */
  limit = 140,
  /** How often the caller looks after a chunk (every tenth of a second) before it takes the worker for dead. */
  patience = 144,
  /** How many threads there are, the caller included. */
  threads = 148,
  /** u64: generation << 32 | chunks << 16 | next. The thread that raises `next` past a chunk runs it. */
  work = 192,
  /** The command that the chunks are of, and how many there are; written before `work`. */
  command = 200,
  chunks = 204,
  /** Chunks of the command that workers have finished. */
  finished = 256,
  /** 1: the caller sleeps until chunks are finished. */
  asleep = 260,
  /** Raised by one to wake the workers that sleep. */
  wake = 320,
  /** How many do. */
  sleepers = 324,
  /** Not 0: a worker has failed. */
  lost = 384,
  /** `Cell`s, 8 bytes a slot: worker << 32 | the generation that it serves. A worker that finds another's number ends. */
  cells = 1024,
  /** First address that the allocator may return if the module has no static data. */
  end = 4096,
}

/** Workers that there are cells for. */
export const SLOTS = 255;

/** Which threads run a program. */
export enum Sharing {
  /** The caller alone. */
  none,
  /** The caller, and workers that are awake. */
  awake,
  /** The same, and sleeping workers are woken. */
  all,
}

/** Chunks from which a command is worth waking workers for. */
export const WAKING_CHUNKS = 8;
/** Beside the chunks of a command: each repeats work, so there are no more of them than threads. */
export const REPEATS = 0x8000;

export enum Fault {
  None,
  /** An index was outside its axis. */
  IndexOutOfRange,
  /** A worker did not finish the chunk that it had taken. */
  WorkerLost,
}

/** Columns of a GEMM tile, and of a packed panel. */
export const PANEL = 16;
/** Rows of a GEMM tile. */
export const TILE_ROWS = 2;
/** Steps of the fold that one packed panel holds: 256 x 16 floats are 16 KiB, half of a small L1 cache. */
export const BLOCK_K = 256;
/** Columns of B packed at a time. */
export const BLOCK_N = 256;
/** Rows of A packed at a time. */
export const BLOCK_M = 32;
/** Up to this many rows B is read in place: a packed copy would not be read often enough to pay. */
export const UNPACKED_ROWS = 4;
/** Longest fold that a convolution leaves unsplit: a panel of 576 x 16 floats is 36 KiB. */
export const CONV_BLOCK_K = 576;
/** Output pixels of a convolution that are computed together. */
export const CONV_BAND = 256;
/** Bytes of what a convolution does with the sums of a panel: bias, center, factor, limits. */
export const CONV_FINISH = 224;
/** Pixels with fewer channels are taken together by depthwise convolutions, this many or half of them. */
export const DEPTHWISE_FEW = 8;
/** Channels, and tiles of a filter's gradient, whose products Winograd's convolution folds in one piece; part of the specification. */
export const WINOGRAD_CHANNELS = 128;
export const WINOGRAD_TILES = 32;
/** Most tiles that it transforms together. */
export const WINOGRAD_BLOCK = 48;
/** Bytes that their values may take, if they are more than a few tiles. */
export const WINOGRAD_BYTES = 1572864;
/** Tiles that threads share in one piece. */
export const WINOGRAD_GRAIN = 16;
/** Rows of a filter's panel that are transformed together. */
export const WINOGRAD_STRIP = 32;
/** Input and output channels of a filter's gradient whose sums are held together. */
export const WINOGRAD_INPUTS = 64;
export const WINOGRAD_OUTPUTS = 256;
/** Bytes of a thread's scratch in which it transforms a tile. */
export const WINOGRAD_WORK = 3648;
/** Bytes of the spare tile that a thread's scratch starts with. */
export const SPARE_TILE = 2 * PANEL * 4;

/** Bytes of the spare tile of integers and its scales. */
export const INT8_SPARE = 192;
/** Longest panel of integers, in pairs of steps, that is widened to int16 in scratch. */
export const INT8_WIDE_PAIRS = 2048;

/** Channels whose sums over filters of 3x3 are below 2^25 in any case. */
export const INT8_WINOGRAD_CHANNELS = 224;

/** Accumulators of a sum; part of the numeric specification. */
export const SUM_LANES = 16;
/** Longest run that is summed in one piece; part of the numeric specification. */
export const SUM_CHUNK = 512;
/** Columns of a wide matrix that are folded together, their accumulators in scratch. */
export const REDUCE_COLUMNS = 256;

/** Words of a block that a sum of blocks takes up together; its scratch has room for so many for each sum on its stack. */
export const SUM_TREE_STRIP = 256;

/** Elements of one block of a `Map`. */
export const MAP_BLOCK = 1024;
/** Elements that a chain keeps in registers. */
export const CHAIN_TILE = 32;
/** Rows of a matrix that are transposed before the next columns: their cache lines and pages are at hand then. */
export const TRANSPOSE_ROWS = 256;
/** Bytes from which a transposed matrix is written row by row. */
export const TRANSPOSE_LARGE = 16777216;
/** Inputs, outputs and temporaries of one `Map`, together. */
export const MAP_OPERANDS = 32;

/** How an input of a `Map` is indexed. */
export enum Access {
  /** Exactly as the output: no copy is made. */
  full,
  /** One value for all; expanded once. */
  scalar,
  /** Repeats with every row of the innermost dimension; expanded once, or read in place. */
  row,
  /** Anything else: each block is gathered through the strides. */
  strided,
}

export const BINARY = 256;
export const TERNARY = 512;

/** Functions of three operands. */
export enum Tern {
  /** a != 0 ? b : c, on bit patterns */
  select,
}

/** How a step of a chain combines the result x of the step before with an operand b. */
export enum Link {
  neg,
  abs,
  square,
  relu,
  leakyRelu,
  clip,
  /** x + b */
  add,
  /** x - b */
  sub,
  /** b - x */
  subFrom,
  mul,
  /** x / b */
  div,
  /** b / x */
  divInto,
  maximum,
  minimum,
  /** x where b > 0, else 0 */
  reluGrad,
}

/** How a matrix joins a product: x is the element of the product, y that of the matrix. */
export enum Join {
  none,
  /** x + y */
  add,
  /** x where y > 0, else 0: the gradient of a ReLU, y being its result. */
  reluGrad,
}

export enum Fold {
  sum,
  prod,
  max,
  min,
  all,
  any,
  sumInt,
  prodInt,
  maxInt,
  minInt,
}

export enum CumulativeKind {
  sum,
  prod,
  sumInt,
  prodInt,
  /** y[i] = a[i] y[i - 1] + x[i] */
  linear,
}

export enum Distribution {
  /** [p, q) */
  uniform,
  /** mean p, standard deviation q */
  normal,
  /** the same, cut at two standard deviations */
  truncatedNormal,
  /** integers of [p, q), both int32 */
  uniformInt,
}

/** What `Scatter` does with a row that is there already. */
export enum Meet {
  /** Adds float32. */
  add,
  /** Adds int32. */
  addInt,
  /** The later row replaces the earlier one. */
  replace,
}
