/** Answers of inference: JSON, perhaps followed by the bytes of tensors. */
import type { Feeds, ServedTensor } from '../models/servable';
import { type Answer, json } from './answer';
import { encodeBinary, joined } from './binary';
import type { Elements } from './datatypes';
import type { InferRequest } from './infer-request';
import { Refusal } from './refusal';

const encoder = new TextEncoder();

/** Whether JSON holds a value, with all its digits. */
const isHeld = (value: number | bigint | string): boolean =>
  typeof value === 'bigint' ? Number.isSafeInteger(Number(value)) : typeof value === 'string' || Number.isFinite(value);

/** Elements as JSON has them. @throws Refusal for numbers that it has not */
function jsonOf(name: string, { data, datatype }: ServedTensor): unknown[] {
  const { length } = data;
  const isBool = datatype === 'BOOL';
  const values = new Array<unknown>(length);
  for (let i = 0; i < length; i++) {
    const value = data[i] as number | bigint | string;
    if (!isHeld(value))
      throw new Refusal(
        406,
        `output '${name}': element ${i} is ${value}, which JSON cannot hold; ask for it with binary_data true`,
      );
    values[i] = isBool ? value !== 0 : typeof value === 'bigint' ? Number(value) : value;
  }
  return values;
}

/** The answer to a request. @throws Refusal for outputs that JSON cannot hold */
export function inferAnswer(model: string, version: string, { id, outputs }: InferRequest, results: Feeds): Answer {
  const parts: Uint8Array[] = [];
  const described = outputs.map(({ name, isBinary }) => {
    const result = results[name] as ServedTensor;
    const { datatype, shape } = result;
    if (!isBinary) return { name, datatype, shape, data: jsonOf(name, result) };
    const bytes = encodeBinary(result.data as Elements, datatype);
    parts.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const head = { model_name: model, model_version: version, ...(id !== undefined && { id }), outputs: described };
  if (parts.length === 0) return json(200, head);
  const text = encoder.encode(JSON.stringify(head));
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream', 'Inference-Header-Content-Length': String(text.length) },
    body: joined([text, ...parts]),
  };
}
