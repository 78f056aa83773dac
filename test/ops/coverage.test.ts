/** Every public function of tensors has rows. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { described, descriptors, plainBinary, plainUnary } from '../support/ops';
import { functionTable } from '../tables/functions/table';
import { opRows } from '../tables/ops';

/** What takes no tensors, or is tested in files of its own: creation, gradients, models, memory; promises. */
const ELSEWHERE = new Set(
  (
    'tensor scalar tensor1d tensor2d tensor3d tensor4d tensor5d tensor6d fill zeros ones zerosLike onesLike variable ' +
    'randomNormal randomUniform randomUniformInt truncatedNormal setSeed setThreads getThreads nextFrame ' +
    'grad grads valueAndGrad valueAndGrads variableGrads customGrad stopGradient jit ' +
    'print whereAsync booleanMaskAsync setdiff1dAsync ' +
    'tidy keep dispose memory input model sequential mermaid loadModel loadLayersModel loadGraphModel ' +
    'quantize quantizeWeights backend disposeVariables engine findBackend getBackend ready setBackend env enableDebugMode enableProdMode ' +
    'deprecationWarn disableDeprecationWarnings profile time broadcastArgs rand op'
  ).split(' '),
);

const isFunction = (name: string, value: unknown): boolean =>
  typeof value === 'function' && /^[a-z]/.test(name) && !name.endsWith('Async') && !ELSEWHERE.has(name);

/** Functions of a namespace, with its name in front. */
const functionsOf = (prefix: string, space: object): string[] =>
  Object.entries(space).flatMap(([name, value]) => (isFunction(name, value) ? [`${prefix}${name}`] : []));

it('no public function is without rows', () => {
  const spaces = ['image', 'linalg', 'fused', 'math'].filter((s) => s in sg);
  const all = [
    ...functionsOf('', sg),
    ...spaces.flatMap((s) => functionsOf(`${s}.`, (sg as unknown as Record<string, object>)[s] as object)),
  ];
  const called = Object.values(opRows).map(({ call }) => call[0]);
  const known = new Set([...Object.keys(descriptors), ...Object.keys(functionTable), ...called]);
  expect(all.filter((name) => !known.has(name))).toEqual([]);
});

it('every elementwise op of float32 is a public function, and a method', () => {
  const missing = [...plainUnary, ...plainBinary].flatMap((name) => [
    ...(typeof (sg as Record<string, unknown>)[name] === 'function' ? [] : [`src/ops/math exports no ${name}`]),
    ...(name in sg.Tensor.prototype ? [] : [`src/ops/methods.ts: ${name} is no method`]),
  ]);
  expect(missing).toEqual([]);
});

it('descriptors have the names of their exports', () => {
  expect(Object.entries(described).filter(([name, descriptor]) => descriptor.name !== name)).toEqual([]);
});
