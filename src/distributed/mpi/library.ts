/** The MPI of this machine: where it is, and by which words it knows its communicator and its types. */
import { engine } from '../../runtime/engine';
import { RuntimeSupportError } from '../../support/errors';
import { type Foreign, type Functions, isMac, libc } from './foreign';

const WORDS = {
  dlopen: ['word', 'word', 'int'],
  dlsym: ['word', 'word', 'word'],
  setenv: ['int', 'word', 'word', 'int'],
} as const;

/**
 * UCX, the transport of MPICH and of some builds of Open MPI, replaces functions of memory in a process that runs, and the
 * threads of Node then crash now and then, one start of about 60. What the environment says already stays.
 */
const UCX = { UCX_MEM_MMAP_HOOK_MODE: 'none', UCX_MEM_MALLOC_HOOKS: 'n', UCX_MEM_EVENTS: 'n' };

/** Handles are words: addresses in Open MPI, numbers in MPICH, whose lower half is read. */
export const MPI = {
  MPI_Init_thread: ['int', 'word', 'word', 'int', 'word'],
  MPI_Finalize: ['int'],
  MPI_Abort: ['int', 'word', 'int'],
  MPI_Comm_rank: ['int', 'word', 'word'],
  MPI_Comm_size: ['int', 'word', 'word'],
  MPI_Alltoallv: ['int', 'word', 'word', 'word', 'word', 'word', 'word', 'word', 'word', 'word'],
  MPI_Allgatherv: ['int', 'word', 'int', 'word', 'word', 'word', 'word', 'word', 'word'],
  MPI_Bcast: ['int', 'word', 'int', 'word', 'int', 'word'],
  MPI_Barrier: ['int', 'word'],
} as const;

export interface Library {
  readonly calls: Functions<typeof MPI>;
  /** The communicator of all processes. */
  readonly comm: number;
  /** The type of words of 4 bytes. */
  readonly type: number;
  /** In the place of a block to send: what is to be sent is where it is to be received. */
  readonly inPlace: number;
  readonly base: Base;
}

const NOW = 2;
/** So that the parts that Open MPI loads itself find its symbols. */
const globally = (): number => (isMac() ? 8 : 0x100);

/** In Debian's and other systems' packages, in containers, on a Mac. */
const OPEN_MPI = [
  'libmpi.so.40',
  'libmpi.so',
  'libmpi.dylib',
  '/opt/homebrew/lib/libmpi.dylib',
  '/usr/local/lib/libmpi.dylib',
];
const MPICH = ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so', 'libmpi.so', 'libmpi.dylib'];

type Handles = Pick<Library, 'comm' | 'type' | 'inPlace'>;

/** The handles of MPICH, and of all that keep to its binary interface. */
const MPICH_HANDLES: Handles = { comm: 0x44000000, type: 0x4c000405, inPlace: -1 };

/** By symbols that only one kind has; undefined for a third kind, whose handles nobody knows. */
function handlesOf(symbol: (name: string) => number): Handles | undefined {
  const [comm, type] = [symbol('ompi_mpi_comm_world'), symbol('ompi_mpi_int32_t')];
  if (comm && type) return { comm, type, inPlace: 1 };
  return symbol('MPIR_Dup_fn') ? MPICH_HANDLES : undefined;
}

/** The address of linear memory, which may move when it grows. */
export class Base {
  readonly #foreign: Foreign;
  #buffer: ArrayBufferLike | undefined;
  #address = 0;

  constructor(foreign: Foreign) {
    this.#foreign = foreign;
  }

  /** Where its byte 0 is now. */
  get address(): number {
    const { buffer } = engine.memory.u32;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#address = this.#foreign.addressOf(new Uint8Array(buffer));
    }
    return this.#address;
  }
}

/** Calls a function with the address of a text that C can read: in linear memory, where nothing moves it. */
function withText<T>(base: Base, text: string, use: (address: number) => T): T {
  const bytes = new TextEncoder().encode(`${text}\0`);
  const at = engine.memory.allocate(bytes.length);
  try {
    new Uint8Array(engine.memory.u32.buffer).set(bytes, at);
    return use(base.address + at);
  } finally {
    engine.memory.release(at);
  }
}

/** By the names of the variables that its launcher sets. */
function launchers(env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
  if (env.OMPI_COMM_WORLD_SIZE) return OPEN_MPI;
  if (env.PMI_RANK || env.PMI_ID) return [...MPICH, ...OPEN_MPI];
  if (env.PMIX_RANK) return [...OPEN_MPI, ...MPICH];
  return undefined;
}

/** Whether a launcher of MPI has started this process. */
export const isLaunched = (env: Readonly<Record<string, string | undefined>>): boolean => launchers(env) !== undefined;

/** The number of processes that the launcher has started, if it says so. */
export const launchedSize = (env: Readonly<Record<string, string | undefined>>): number =>
  Number(env.OMPI_COMM_WORLD_SIZE ?? env.PMI_SIZE ?? env.SLURM_STEP_NUM_TASKS ?? 1);

const INSTALL =
  "install Open MPI or MPICH, for instance: apt-get install openmpi-bin libopenmpi3, or name its file: init({ library: '/…/libmpi.so' })";

/**
 * Opens the library that fits the launcher.
 * @param path of the library, if it is to be a certain one
 * @throws RuntimeSupportError if there is none, with what to install
 */
export function openLibrary(
  foreign: Foreign,
  env: Readonly<Record<string, string | undefined>>,
  path?: string,
): Library {
  const base = new Base(foreign);
  const loader = foreign.open(libc(), WORDS);
  for (const [name, value] of Object.entries(UCX))
    withText(base, `${name}\0${value}`, (text) => loader.setenv(text, text + name.length + 1, 0));
  const names = path === undefined ? (launchers(env) ?? OPEN_MPI) : [path];
  let stranger: string | undefined;
  for (const name of names) {
    const handle = withText(base, name, (text) => loader.dlopen(text, NOW | globally()));
    if (handle === 0) continue;
    const symbol = (wanted: string): number => withText(base, wanted, (text) => loader.dlsym(handle, text));
    if (symbol('MPI_Init_thread') === 0) continue;
    const handles = handlesOf(symbol);
    if (handles) return { calls: foreign.open(name, MPI), base, ...handles };
    stranger ??= name;
  }
  if (stranger)
    throw new RuntimeSupportError(`mpi: ${stranger} is an MPI of another kind than Open MPI and MPICH; ${INSTALL}`);
  throw new RuntimeSupportError(
    path === undefined
      ? `mpi: no library of MPI is installed (looked for ${names.join(', ')}); ${INSTALL}`
      : `mpi: ${path} is no library of MPI that can be loaded; leave out library to use that of the system`,
  );
}
