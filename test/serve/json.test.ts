/** JSON of requests: the values of JSON.parse, numbers rounded as it rounds them, and refusals that say where. */
import { expect, test } from 'vitest';
import type { NumericType } from '../../src/serve/protocol/datatypes';
import { DecimalReader } from '../../src/serve/protocol/decimal';
import { parseObject, parseTensors } from '../../src/serve/protocol/json';
import { NumberList, readNumbers } from '../../src/serve/protocol/number-list';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Numbers from 0 to 1 that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What reads otherwise than JSON.parse, or ends elsewhere. */
function differs(text: string): boolean {
  const reader = new DecimalReader(bytesOf(`${text},`));
  const double = reader.float64();
  const isOver = reader.at === text.length;
  reader.at = 0;
  const single = reader.float32();
  const exact = JSON.parse(text);
  return !(isOver && Object.is(double, exact) && Object.is(single, Math.fround(exact)));
}

test('numbers as programs write them are those of JSON.parse', () => {
  const next = random(1);
  const words = new Uint32Array(2);
  const [single, double] = [new Float32Array(words.buffer, 0, 1), new Float64Array(words.buffer)];
  const wrong: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    words[0] = next() * 2 ** 32;
    words[1] = next() * 2 ** 32;
    const list = [single[0] as number, double[0] as number].filter(Number.isFinite);
    const texts = list.flatMap((x) => [String(x), x.toPrecision(9), x.toExponential()]);
    wrong.push(...texts.filter(differs));
  }
  expect(wrong).toEqual([]);
});

test('numbers halfway between two of float32, or next to that, are rounded twice as by JSON.parse', () => {
  const next = random(2);
  const words = new Uint32Array(2);
  const singles = new Float32Array(words.buffer);
  const wrong: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    words[0] = next() * 0x7f000000;
    words[1] = (words[0] as number) + 1;
    const middle = ((singles[0] as number) + (singles[1] as number)) / 2;
    const digits = middle.toPrecision(30);
    const texts = [String(middle), digits, digits.replace(/(?=e|$)/, '1')];
    wrong.push(...texts.filter((text) => !/^-?\d+1$/.test(text) && differs(text)));
  }
  expect(wrong).toEqual([]);
});

test('numbers of any length and exponent are those of JSON.parse', () => {
  const next = random(3);
  const upTo = (n: number): number => Math.floor(next() * n);
  const digits = (n: number): string => Array.from({ length: n }, () => upTo(10)).join('');
  const wrong: string[] = [];
  for (let i = 0; i < 40_000; i++) {
    const whole = next() < 0.5 ? '0' : `${1 + upTo(9)}${digits(upTo(next() < 0.05 ? 400 : 25))}`;
    const fraction = next() < 0.6 ? `.${'0'.repeat(upTo(4))}${digits(1 + upTo(30))}` : '';
    const exponent = next() < 0.4 ? `${'eE'[upTo(2)]}${['', '+', '-'][upTo(3)]}${upTo(next() < 0.5 ? 30 : 400)}` : '';
    const text = `${next() < 0.5 ? '-' : ''}${whole}${fraction}${exponent}`;
    if (differs(text)) wrong.push(text);
  }
  for (const text of ['0', '-0', '0.0', '0e5', '-0e-999', '1e99999999', '9007199254740993', '16777217'])
    if (differs(text)) wrong.push(text);
  expect(wrong).toEqual([]);
});

test.each([
  ['FP32', '[1, 2.5,\n-3e2 ,4]', [1, 2.5, -300, 4], [4]],
  ['FP32', '[[1,2],[3,4]]', [1, 2, 3, 4], [2, 2]],
  ['FP64', '[0.1]', [0.1], [1]],
  ['FP32', '[]', [], [0]],
  ['FP32', '[[],[]]', [], [2, 0]],
  ['BOOL', '[true,false,1,0]', [1, 0, 1, 0], [4]],
  ['INT64', '[9223372036854775807,-9007199254740993,1e3]', [2n ** 63n - 1n, -(2n ** 53n) - 1n, 1000n], [3]],
  ['UINT64', '[18446744073709551615]', [2n ** 64n - 1n], [1]],
] as const)('%s %s is a list of numbers', (datatype, text, values, lengths) => {
  const found = readNumbers(bytesOf(`${text} `), 0, datatype);
  expect([...(found?.values ?? [])]).toEqual(values);
  expect(found?.lengths).toEqual(lengths);
  expect(found?.end).toBe(text.length);
});

test.each([
  ['FP32', '[1,]'],
  ['FP32', '[,1]'],
  ['FP32', '[1 2]'],
  ['FP32', '[1'],
  ['FP32', '[01]'],
  ['FP32', '[1.]'],
  ['FP32', '[1e]'],
  ['FP32', '[+1]'],
  ['FP32', '[[1,2],[3]]'],
  ['FP32', '[1,[2]]'],
  ['FP32', '[[1],2]'],
  ['FP32', '[[],[1]]'],
  ['FP32', '[[[]],[]]'],
  ['FP32', '[NaN]'],
  ['FP32', '["1"]'],
  ['FP32', '['.repeat(50_000)],
  ['INT64', '[9223372036854775808]'],
  ['INT64', '[1.5]'],
  ['UINT64', '[-1]'],
  ['UINT8', '[255,256]'],
  ['BOOL', '[2]'],
] as const)('%s %s is none', (datatype, text) => {
  expect(readNumbers(bytesOf(text), 0, datatype)).toBeUndefined();
});

const outcome = (parse: () => unknown): string => {
  try {
    return JSON.stringify(parse());
  } catch {
    return 'refused';
  }
};

test('objects are those of JSON.parse, and what it refuses is refused', () => {
  const next = random(4);
  const upTo = (n: number): number => Math.floor(next() * n);
  const samples = [
    '{"a":[true,false,null,"\\u00e9é\\"\\ud83d",-0,1.5e-7],"b":{"c":{}},"":[]}',
    '{"__proto__":1,"a":2,"a":{"data":[1,2]},"datatype":"FP32","data":[1]}',
    `{"long":"${'x'.repeat(80)}","tab":"\\t","\\u0064":" \u2028 "}`,
    '{ "x" : [ [ 1 , 2 ] , [ ] ] , "y" : "" }',
  ];
  const odd = '{}[]",:\\tfn0-.eE +\n\u0001é';
  const wrong: string[] = [];
  for (let i = 0; i < 30_000; i++) {
    const sample = samples[i % samples.length] as string;
    const at = upTo(sample.length);
    const text = i < 4 ? sample : sample.slice(0, at) + odd[upTo(odd.length)] + sample.slice(at + upTo(3));
    if (outcome(() => parseObject(bytesOf(text))) !== outcome(() => JSON.parse(text))) wrong.push(text);
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['{"a":1,}', /not valid JSON in UTF-8: at byte 7$/],
  ['{"a":[1 2]}', /at byte 8$/],
  ['{"a":"\n"}', /at byte 6$/],
  ['{"a":', /it ends after 5 bytes$/],
  ['{"a":1}}', /at byte 7$/],
  ['[1]', /must be an object/],
])('%j is refused with its place', (text, message) => {
  expect(() => parseObject(bytesOf(text))).toThrow(message);
});

test('strings that are not UTF-8 are refused', () => {
  expect(() => parseObject(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8: at byte 1$/);
});

test('data become typed arrays whether their type comes before or after them', () => {
  const listOf = (text: string): unknown => (parseTensors(bytesOf(text)) as { data: unknown }).data;
  for (const text of [
    '{"datatype":"INT64","data":[9007199254740993]}',
    '{"d\\u0061ta":[9007199254740993],"datatype":"INT64"}',
  ]) {
    const list = listOf(text) as NumberList;
    expect(list).toBeInstanceOf(NumberList);
    expect([...list.values]).toEqual([9007199254740993n]);
  }
  expect(listOf('{"datatype":"BYTES","data":["1"]}')).toEqual(['1']);
  expect(listOf('{"datatype":"FP32","data":[1,"a"]}')).toEqual([1, 'a']);
  expect(listOf('{"data":[1]}')).toEqual([1]);
});

test('long lists keep every element of every type', () => {
  const types: readonly NumericType[] = ['FP32', 'FP64', 'INT8', 'INT32', 'UINT16', 'INT64'];
  for (const datatype of types) {
    const values = Array.from({ length: 5000 }, (_, i) => (i * 7) % 100);
    const found = readNumbers(bytesOf(JSON.stringify(values)), 0, datatype);
    expect(Array.from(found?.values ?? [], Number)).toEqual(values);
  }
});
