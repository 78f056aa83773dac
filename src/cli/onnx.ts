/** Models in ONNX: what they hold, and what they compute. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as sg from '../index';
import type { OnnxInput } from '../onnx/index';
import { UsageError } from './usage';

type Print = (text: string) => void;

/** Elements that are shown of each output. */
const SHOWN = 8;

const library = () => import('../onnx/index');

async function orUsage<T>(file: string, promise: Promise<T>): Promise<T> {
  return promise.catch((error: unknown) => {
    if (error instanceof sg.SamegradError || (error as NodeJS.ErrnoException).code !== undefined)
      throw new UsageError(`${file}: ${(error as Error).message}`);
    throw error;
  });
}

/** Prints what a file holds. @throws UsageError for a file that cannot be read */
export async function inspectModel(file: string, print: Print): Promise<void> {
  const { inspect } = await library();
  const info = await orUsage(file, inspect(file));
  const ports = (list: typeof info.inputs): string =>
    list
      .map(
        ({ name, dtype, shape }) =>
          `  ${name}: ${dtype ?? 'no tensor'} [${shape?.map((d) => d ?? '?').join(', ') ?? '…'}]`,
      )
      .join('\n');
  const opsets = Object.entries(info.opsets).map(([domain, version]) => `${domain} ${version}`);
  print(`${file}: IR version ${info.irVersion}, ${opsets.join(', ')}${info.producer && `, by ${info.producer}`}`);
  print(`${info.parameters.toLocaleString('en')} stored numbers`);
  print(`inputs\n${ports(info.inputs)}\noutputs\n${ports(info.outputs)}\noperators`);
  for (const { domain, name, count, reason } of info.operators)
    print(
      `  ${domain === 'ai.onnx' ? '' : `${domain}::`}${name} × ${count}${reason === undefined ? '' : `  cannot run: ${reason}`}`,
    );
  const missing = info.operators.filter(({ reason }) => reason !== undefined).length;
  print(missing === 0 ? 'All operators run.' : `${missing} of ${info.operators.length} operators cannot run.`);
}

/** An input as it was given: NAME=FILE. */
async function readInput(text: string): Promise<[string, OnnxInput]> {
  const at = text.indexOf('=');
  const [name, file] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || file === '') throw new UsageError(`--input must be NAME=FILE, got '${text}'`);
  if (file.endsWith('.npy')) return [name, await orUsage(file, sg.io.loadNpy(file))];
  if (!file.endsWith('.json')) throw new UsageError(`--input ${name}: ${file} must end with .npy or .json`);
  return [name, await orUsage(file, readNested(file))];
}

/** Nested arrays; their numbers stay as they are until the type of the input is known. */
async function readNested(file: string): Promise<OnnxInput> {
  const text = await readFile(file, 'utf8');
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: is not JSON: ${(error as Error).message}`);
  }
  const { shape } = sg.tidy(() => sg.tensor(values as number[]));
  return { data: [values].flat(Number.POSITIVE_INFINITY) as number[], shape };
}

/** What an input has to be: a model's integers are not floats. */
function fitting(given: OnnxInput, dtype: string | undefined): OnnxInput {
  if (!(given instanceof sg.Tensor)) return given;
  if (dtype === undefined || dtype.includes('float')) return given.toFloat();
  return dtype === 'bool' ? given.toBool() : given.toInt();
}

interface RunOptions {
  readonly inputs: readonly string[];
  readonly folder: string | undefined;
  readonly print: Print;
}

/** Computes the outputs of a model. @throws UsageError for files and inputs that do not fit */
export async function runModel(file: string, { inputs, folder, print }: RunOptions): Promise<void> {
  const { load } = await library();
  const model = await orUsage(file, load(file));
  const given = Object.fromEntries(await Promise.all(inputs.map(readInput)));
  const feeds = Object.fromEntries(
    Object.entries(given).map(([name, t]) => [name, fitting(t, model.inputs.find((p) => p.name === name)?.dtype)]),
  );
  const results = await orUsage(file, (async () => model.execute(feeds))());
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  for (const [i, result] of [results].flat().entries()) {
    const name = model.outputNames[i] as string;
    const first = Array.from(result.dataSync()).slice(0, SHOWN).join(', ');
    print(`${name}: ${result.dtype} [${result.shape.join(', ')}] ${first}${result.size > SHOWN ? ', …' : ''}`);
    // What a name has that a file must not have.
    if (folder !== undefined)
      await writeFile(join(folder, `${name.replace(/[^\w.-]/g, '_')}.npy`), await sg.io.encodeNpy(result));
  }
}
