/** What can be exported, as a function of tensors with names and shapes of its inputs. */
import { GraphModel } from '../../graph/core/model';
import { tfjsNames } from '../../io/tfjs/names';
import { Model } from '../../models/model';
import { isWhole, show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { checkDType, type DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { withShapes } from '../input-shapes';
import { OnnxModel } from '../model';
import { dimension, MOST_OPEN, type Num, type OpenDim, sizeAt } from './numbers';

/** A dimension: its size, or the name of an open one. Equal names are equal sizes. */
export type OnnxDim = number | string;

/** An input of a function, as `toONNX` takes it: a shape, or more that is known. */
export interface OnnxFunctionInput {
  /** Sizes, and names of open dimensions: ['batch', 28, 28, 1]. */
  shape: readonly OnnxDim[];
  /** Element type; default 'float32'. */
  dtype?: DType;
  /** Name in the file; default 'input', with a number if there are several. */
  name?: string;
}

/** What is exported. */
export type OnnxSource = Model | GraphModel | ((...inputs: Tensor[]) => unknown);

export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Num[];
}

export interface Source {
  readonly name: string;
  readonly ports: readonly Port[];
  readonly open: readonly OpenDim[];
  readonly names: ReadonlyMap<Variable, string>;
  readonly call: (inputs: readonly Tensor[]) => readonly (readonly [name: string, value: Tensor])[];
}

interface Input {
  readonly name: string;
  readonly dtype: DType;
  /** Null: the number of dimensions is not known. */
  readonly shape: readonly (OnnxDim | null)[] | null;
}

/** An input whose dimensions are sizes, or open. */
interface RankedInput extends Input {
  readonly shape: readonly (OnnxDim | null)[];
}

const isDim = (d: unknown): boolean => isWhole(d) || (typeof d === 'string' && d !== '');

/** The shapes that the option `inputShapes` gives, instead of those of the model. */
const reshaped = <I extends Input>(inputs: readonly I[], given: unknown): I[] =>
  within('toONNX', () => withShapes(inputs, given, isDim, 'numbers or names'));

/** Names for dimensions that are not known: 'batch' for the first, others by their input. */
const named = ({ name, shape }: RankedInput): OnnxDim[] =>
  shape.map((d, i) => d ?? (i === 0 ? 'batch' : `${name}_${i}`));

/** Ports with open dimensions. @throws ArgumentError for too many of them */
function portsOf(inputs: readonly RankedInput[]): { ports: Port[]; open: OpenDim[] } {
  const open: OpenDim[] = [];
  const numOf = (d: OnnxDim, input: number, axis: number): Num => {
    if (typeof d === 'number') return d;
    const known = open.findIndex((o) => o.name === d);
    return dimension(known >= 0 ? known : open.push({ name: d, input, axis }) - 1);
  };
  const ports = inputs.map((input, i) => ({
    name: input.name,
    dtype: input.dtype,
    shape: named(input).map((d, axis) => numOf(d, i, axis)),
  }));
  if (open.length > MOST_OPEN)
    throw new ArgumentError(
      `toONNX: ${open.length} open dimensions (${show(open.map((o) => o.name))}), at most ${MOST_OPEN} are taken; give sizes, or equal names to equal ones, with inputShapes`,
    );
  return { ports, open };
}

function ofModel(model: Model, inputShapes: unknown): Source {
  model.ensureReady('toONNX');
  const { names, shapes } = model.inputPorts;
  const { outputNames } = model;
  const inputs = names.map((name, i) => ({
    // In a graph of ONNX no two values have one name.
    name: outputNames.includes(name) ? `${name}_input` : name,
    shape: shapes[i] as RankedInput['shape'],
    dtype: model.inputs[i]?.dtype ?? ('float32' as const),
  }));
  return {
    name: model.name,
    ...portsOf(reshaped(inputs, inputShapes)),
    names: tfjsNames(model as never),
    call: (xs) => {
      const { outputs } = model.feed(xs, { training: false });
      return outputs.map((y, i) => [outputNames[i] as string, y] as const);
    },
  };
}

function ofGraph(model: GraphModel, inputShapes: unknown): Source {
  const inputs = model.inputs.map(({ name, shape, dtype }) => ({
    name: name.replace(/:0$/, ''),
    shape,
    dtype: checkDType(dtype as DType, 'toONNX'),
  }));
  const ranked = reshaped<Input>(inputs, inputShapes).map(({ shape, ...input }) => {
    if (shape) return { ...input, shape };
    throw new ArgumentError(`toONNX: the shape of input '${input.name}' is not known; give it with inputShapes`);
  });
  const weights = Object.entries(model.weights).flatMap(([name, list]) => list.map((v) => [v, name] as const));
  return {
    name: 'model',
    ...portsOf(ranked),
    names: new Map(weights),
    call: (xs) => {
      const made = model.execute([...xs], [...model.outputNodes]);
      return ([made].flat() as Tensor[]).map(
        (y, i) => [(model.outputNodes[i] as string).replace(/:0$/, ''), y] as const,
      );
    },
  };
}

function inputOf(given: unknown, i: number, count: number): RankedInput {
  const name = count === 1 ? 'input' : `input_${i}`;
  if (given instanceof Tensor) return { name, dtype: given.dtype, shape: given.shape };
  const { shape, ...rest } = (Array.isArray(given) ? { shape: given } : (given ?? {})) as Partial<OnnxFunctionInput>;
  if (!Array.isArray(shape) || !Array.from(shape).every(isDim))
    throw new ArgumentError(
      `toONNX: inputs[${i}] must be a shape such as ['batch', 784], { shape, dtype, name } or a tensor, got ${show(given)}`,
    );
  return { name: rest.name ?? name, dtype: checkDType(rest.dtype, 'toONNX', 'float32'), shape };
}

/** Results of a function with their names: one, a list, or an object. */
function resultsOf(made: unknown): (readonly [string, Tensor])[] {
  const entries: (readonly [string, unknown])[] =
    made instanceof Tensor
      ? [['output', made]]
      : Array.isArray(made)
        ? made.map((y, i) => [`output_${i}`, y] as const)
        : isPlainObject(made)
          ? Object.entries(made as object)
          : [];
  if (entries.length === 0 || entries.some(([, y]) => !(y instanceof Tensor)))
    throw new ArgumentError(
      `toONNX: the function must return a tensor, a list of tensors, or tensors by name, got ${show(made)}`,
    );
  return entries as (readonly [string, Tensor])[];
}

function ofFunction(fn: (...inputs: Tensor[]) => unknown, inputs: unknown): Source {
  if (!Array.isArray(inputs))
    throw new ArgumentError(
      `toONNX: a function needs the option inputs, a shape for each argument such as [['batch', 784]], got ${show(inputs)}`,
    );
  return {
    name: fn.name || 'function',
    ...portsOf(inputs.map((given, i) => inputOf(given, i, inputs.length))),
    names: new Map(),
    call: (xs) => resultsOf(fn(...xs)),
  };
}

/** @throws ArgumentError for what cannot be exported */
export function sourceOf(model: unknown, inputs: unknown, inputShapes: unknown): Source {
  if (typeof model === 'function') return ofFunction(model as (...xs: Tensor[]) => unknown, inputs);
  if (inputs !== undefined && inputs !== null)
    throw new ArgumentError('toONNX: inputs are for functions; a model knows its own, inputShapes gives sizes');
  if (model instanceof Model) return ofModel(model, inputShapes);
  if (model instanceof GraphModel) return ofGraph(model, inputShapes);
  if (model instanceof OnnxModel)
    throw new ArgumentError(
      'toONNX: a model that onnx.load returned is a file of ONNX already, which its toBytes() and save(path) write with its weights as they are now; toONNX(model.asModel()) writes what it computes, as the operators of opset 18',
    );
  throw new ArgumentError(`toONNX: needs a model or a function, got ${show(model)}`);
}

/** The shape of a port at a point of its open dimensions. */
export const shapeAt = ({ shape }: Port, point: readonly number[]): number[] => shape.map((n) => sizeAt(n, point));
