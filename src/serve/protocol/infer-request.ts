/** Requests for inference: JSON, perhaps followed by the bytes of tensors. Everything is checked before it is allocated. */

import { isWhole, show } from '../../support/arguments';
import { isPlainObject } from '../../support/plain-object';
import type { Feeds, Port, ServedTensor } from '../models/servable';
import { decodeBinary, isNumeric } from './binary';
import { converted, type Datatype, type Elements, goesAs, isDatatype, isElement, type NumericType } from './datatypes';
import { parseTensors } from './json';
import { NumberList } from './number-list';
import { badRequest } from './refusal';

/** Dimensions that a tensor has at most. */
const MOST_DIMENSIONS = 16;

/** An output that is asked for. */
export interface WantedOutput {
  readonly name: string;
  readonly isBinary: boolean;
}

/** What a client asks for. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly feeds: Feeds;
  readonly outputs: readonly WantedOutput[];
}

interface RequestedInput {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly count: number;
  /** Bytes after the JSON; undefined if `data` is in it. */
  readonly binarySize: number | undefined;
  readonly data: unknown;
}

const listIn = (value: unknown, what: string): readonly Record<string, unknown>[] => {
  if (Array.isArray(value) && value.every(isPlainObject)) return value;
  throw badRequest(`${what} must be a list of objects, got ${show(value)}`);
};

const parametersOf = (value: Record<string, unknown>, what: string): Record<string, unknown> => {
  const { parameters = {} } = value;
  if (isPlainObject(parameters)) return parameters;
  throw badRequest(`${what}: parameters must be an object, got ${show(parameters)}`);
};

function flagOf(parameters: Record<string, unknown>, name: string, initial: boolean, what: string): boolean {
  const { [name]: value = initial } = parameters;
  if (typeof value === 'boolean') return value;
  throw badRequest(`${what}: ${name} must be true or false, got ${show(value)}`);
}

/** Where the JSON ends. @throws Refusal */
function headerLength(header: string | null, size: number): number {
  if (header === null) return size;
  const length = /^\d{1,15}$/.test(header) ? Number(header) : -1;
  if (length >= 0 && length <= size) return length;
  throw badRequest(
    `Inference-Header-Content-Length must be an integer from 0 to ${size}, got '${header.slice(0, 40)}'`,
  );
}

/** The shape of an input, and how many elements it has. */
function shapeOf(value: unknown, what: string): { shape: readonly number[]; count: number } {
  if (!Array.isArray(value) || value.length > MOST_DIMENSIONS || !value.every((d) => isWhole(d)))
    throw badRequest(
      `${what}: shape must be a list of at most ${MOST_DIMENSIONS} non-negative integers, got ${show(value)}`,
    );
  const shape = value as number[];
  const count = shape.reduce((product, d) => product * d, 1);
  if (!Number.isSafeInteger(count)) throw badRequest(`${what}: shape [${shape.join(', ')}] is too large`);
  return { shape, count };
}

function readInput(value: Record<string, unknown>): RequestedInput {
  const { name, datatype, data } = value;
  if (typeof name !== 'string') throw badRequest(`inputs: name must be a string, got ${show(name)}`);
  const what = `input ${show(name)}`;
  if (!isDatatype(datatype)) throw badRequest(`${what}: datatype must be one such as 'FP32', got ${show(datatype)}`);
  const { binary_data_size: binarySize } = parametersOf(value, what);
  if (binarySize !== undefined && !isWhole(binarySize))
    throw badRequest(`${what}: binary_data_size must be a non-negative integer, got ${show(binarySize)}`);
  if ((binarySize === undefined) === (data === undefined))
    throw badRequest(`${what}: needs either data or parameters.binary_data_size`);
  return { name, datatype, ...shapeOf(value.shape, what), binarySize, data };
}

/** Whether lists of these lengths are the elements of a shape: flat, or nested as it is. */
const isNestedAs = (lengths: readonly number[], shape: readonly number[]): boolean =>
  lengths.length === 1 || (lengths.length === shape.length && lengths.every((n, i) => n === shape[i]));

/** The strings, or the elements that are not all of their type, in order. @throws Refusal unless nested as the shape, or flat */
function flatten(data: unknown, shape: readonly number[], what: string): readonly unknown[] {
  const wrong = (): Error => badRequest(`${what}: data must be flat, or nested as the shape [${shape.join(', ')}]`);
  if (!Array.isArray(data)) throw wrong();
  if (shape.length <= 1 || !data.some(Array.isArray)) return data;
  const values: unknown[] = [];
  const walk = (list: unknown, depth: number): void => {
    if (!Array.isArray(list) || list.length !== shape[depth]) throw wrong();
    if (depth === shape.length - 1) for (const value of list) values.push(value);
    else for (const part of list) walk(part, depth + 1);
  };
  walk(data, 0);
  return values;
}

/** Elements of JSON. */
function fromJSON({ data, datatype, shape, count }: RequestedInput, what: string): Elements {
  const isRead = data instanceof NumberList && data.datatype === datatype;
  if (isRead && !isNestedAs(data.lengths, shape))
    throw badRequest(`${what}: data must be flat, or nested as the shape [${shape.join(', ')}]`);
  const values = isRead ? data.values : flatten(data, shape, what);
  if (values.length !== count)
    throw badRequest(`${what}: shape [${shape.join(', ')}] takes ${count} elements, got ${values.length}`);
  if (isRead) return data.values;
  const isRight = (value: unknown): boolean =>
    isNumeric(datatype) ? isElement(value, datatype) : typeof value === 'string';
  const wrong = values.findIndex((value) => !isRight(value));
  if (wrong >= 0) throw badRequest(`${what}: element ${wrong} must be ${datatype}, got ${show(values[wrong])}`);
  // All are right as float64, but the text was not exactly such a list.
  if (isNumeric(datatype))
    throw badRequest(`${what}: elements of ${datatype} beyond 2^53 must have neither fraction nor exponent`);
  return values as string[];
}

const fits = (port: Port, shape: readonly number[]): boolean =>
  port.shape === null || (port.shape.length === shape.length && port.shape.every((d, i) => d === -1 || d === shape[i]));

/** @throws Refusal unless type and shape are what the model takes */
function checkFits({ datatype, shape }: RequestedInput, port: Port, what: string): void {
  const goes =
    datatype === port.datatype || (isNumeric(datatype) && isNumeric(port.datatype) && goesAs(datatype, port.datatype));
  if (!goes) throw badRequest(`${what}: the model takes ${port.datatype}, got ${datatype}`);
  if (!fits(port, shape))
    throw badRequest(`${what}: the model takes the shape [${port.shape?.join(', ')}], got [${shape.join(', ')}]`);
}

/** The tensor of an input, as the model takes it. */
function tensorOf(input: RequestedInput, port: Port, binary: Uint8Array | undefined): ServedTensor {
  const { shape, datatype, count } = input;
  const what = `input ${show(input.name)}`;
  const data = binary ? decodeBinary(binary, datatype, count, what) : fromJSON(input, what);
  if (datatype === port.datatype) return { datatype, shape, data };
  const numbers = data as Exclude<Elements, readonly string[]>;
  const own = converted(numbers, datatype as NumericType, port.datatype as NumericType);
  if (typeof own === 'number')
    throw badRequest(`${what}: element ${own} is ${numbers[own]}, which ${port.datatype} of the model cannot hold`);
  return { datatype: port.datatype, shape, data: own };
}

/** The tensors of a request, by the names of the model's inputs. */
function readFeeds(value: unknown, ports: readonly Port[], rest: Uint8Array): Feeds {
  const feeds = new Map<string, ServedTensor>();
  let at = 0;
  const list = listIn(value, 'inputs');
  if (list.length > ports.length) throw badRequest(`the model takes ${ports.length} inputs, got ${list.length}`);
  for (const given of list) {
    const input = readInput(given);
    const what = `input ${show(input.name)}`;
    const port = ports.find(({ name }) => name === input.name);
    if (!port) throw badRequest(`the model has no ${what}; its inputs are ${show(ports.map(({ name }) => name))}`);
    if (feeds.has(input.name)) throw badRequest(`${what} is there twice`);
    checkFits(input, port, what);
    const { binarySize } = input;
    if (binarySize !== undefined && binarySize > rest.length - at)
      throw badRequest(`${what}: binary_data_size is ${binarySize}, but ${rest.length - at} bytes are left`);
    const binary = binarySize === undefined ? undefined : rest.subarray(at, at + binarySize);
    feeds.set(input.name, tensorOf(input, port, binary));
    at += binarySize ?? 0;
  }
  const missing = ports.find(({ name }) => !feeds.has(name));
  if (missing) throw badRequest(`input ${show(missing.name)} is missing`);
  if (at !== rest.length) throw badRequest(`${rest.length - at} bytes after the JSON belong to no input`);
  return Object.fromEntries(feeds);
}

/** The outputs that are asked for; all of the model if none is named. */
function readOutputs(request: Record<string, unknown>, ports: readonly Port[]): WantedOutput[] {
  const all = flagOf(parametersOf(request, 'the request'), 'binary_data_output', false, 'the request');
  const { outputs } = request;
  const list = outputs === undefined ? [] : listIn(outputs, 'outputs');
  if (list.length > ports.length) throw badRequest(`the model has ${ports.length} outputs, got ${list.length}`);
  if (list.length === 0) return ports.map(({ name }) => ({ name, isBinary: all }));
  return list.map((given) => {
    const { name } = given;
    const what = `output ${show(name)}`;
    if (!ports.some((port) => port.name === name))
      throw badRequest(`the model has no ${what}; its outputs are ${show(ports.map((port) => port.name))}`);
    const parameters = parametersOf(given, what);
    for (const other of ['classification', 'shared_memory_region'])
      if (parameters[other] !== undefined) throw badRequest(`${what}: ${other} is not supported`);
    return { name: name as string, isBinary: flagOf(parameters, 'binary_data', all, what) };
  });
}

/**
 * Reads a request.
 * @param header of `Inference-Header-Content-Length`; null if it is not there.
 * @throws Refusal
 */
export function readInferRequest(
  body: Uint8Array,
  header: string | null,
  inputs: readonly Port[],
  outputs: readonly Port[],
): InferRequest {
  const length = headerLength(header, body.length);
  const request = parseTensors(body.subarray(0, length));
  const { id } = request;
  if (id !== undefined && typeof id !== 'string') throw badRequest(`id must be a string, got ${show(id)}`);
  return {
    id,
    outputs: readOutputs(request, outputs),
    feeds: readFeeds(request.inputs, inputs, body.subarray(length)),
  };
}
