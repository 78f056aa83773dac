/** All public functions and methods, found in the exports, each with its recipe. */
import * as mpi from '../../src/distributed';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx';
import { dataClasses, dataRecipes } from './recipes/data';
import { ioRecipes } from './recipes/io';
import { layerClasses, layerRecipes } from './recipes/layers';
import { modelClasses, modelRecipes, returnedRecipes } from './recipes/models';
import type { Args, ClassRecipe, Recipes } from './recipes/recipe';
import { creationRecipes, tensorRecipes } from './recipes/tensors';
import { trainingClasses, trainingRecipes } from './recipes/training';
import { windowRecipes } from './recipes/windows';
import { worldClasses, worldRecipes } from './recipes/worlds';
import type { Opened, Subject } from './walk';

type Callable = (...args: readonly unknown[]) => unknown;

const recipes: Recipes = {
  ...tensorRecipes,
  ...creationRecipes,
  ...windowRecipes,
  ...trainingRecipes,
  ...layerRecipes,
  ...modelRecipes,
  ...dataRecipes,
  ...ioRecipes,
  ...worldRecipes,
};

const classes: Readonly<Record<string, ClassRecipe>> = {
  ...trainingClasses,
  ...layerClasses,
  ...modelClasses,
  ...dataClasses,
  ...returnedRecipes,
  ...worldClasses,
};

/** Methods of tensors: those that are named like a function take its arguments but the first. */
const ownMethods: Recipes = {
  dataSync: () => [],
  data: () => [],
  dispose: () => [],
  arraySync: () => [],
  array: () => [],
  flatten: () => [],
  asType: () => ['int32'],
  reshapeAs: () => [sg.ones([6])],
  asScalar: () => [],
  bytes: () => [],
  as1D: () => [],
  as2D: () => [3, 2],
  as3D: () => [3, 2, 1],
  as4D: () => [3, 2, 1, 1],
  as5D: () => [3, 2, 1, 1, 1],
  toFloat: () => [],
  toInt: () => [],
  toBool: () => [],
  concat: () => [sg.ones([2, 3]), 1],
  stack: () => [[sg.ones([2, 3])], 1],
  where: () => [sg.tensor([true, false, true]), sg.ones([3])],
  variable: () => [true, undefined, 'float32'],
  bufferSync: () => [],
  buffer: () => [],
  toString: () => [true],
  resizeBilinear: () => [[2, 2]],
  resizeNearestNeighbor: () => [[2, 2]],
};

/** Not for users: what the library's own parts call on each other, and what subclasses call on themselves. */
const INTERNAL: Readonly<Record<string, string>> = {
  Tensor: 'location address node alias place replace seen seeThrough outlive settle',
  Variable: 'moveTo probe encode',
  Metric: 'addition value addUp',
  Optimizer:
    'setLearningRate fill slotsOf decays emitArena update expects attach detach excludes cells emitAverage swapAverages restore step',
  Layer:
    'makeWeights addKernel addBias biased activate finish invoke outputType ensureBuilt addWeight retain release free hold noteCaller addLayer lossesOf constraintsOf',
  Model:
    'run invoke outputType ensureBuilt ensureReady addPart addWeight retain release free stepFor trackers prepare weigh lossOf ensureIdle layersChanged feed hold noteCaller addLayer lossesOf constraintsOf',
  Dataset: 'open',
  World: 'allToAll allGather broadcast stepsOf',
  MinMaxScaler: 'learn forward backward row given',
  StandardScaler: 'learn forward backward row given',
};
const isInternal = (kind: string, method: string): boolean => INTERNAL[kind]?.split(' ').includes(method) ?? false;

/** Namespaces of helpers for plain values of JavaScript, which reach no tensor. */
const PLAIN = new Set(['util', 'test_util']);

/** What errors of a method may tell: its name, or what it was called on. */
function methodNames(kind: string, made: object, method: string): string[] {
  const { name, className } = made as { name?: unknown; className?: unknown };
  const own = [name, className, kind, kind.replace('Tensor', '')].filter((n): n is string => typeof n === 'string');
  // A compiled function's errors are those of what it computes.
  const any = kind === 'Jitted' || /grad/i.test(kind) ? [''] : [];
  // Its layer and its loss.
  if (kind === 'Model') own.push('last', 'meanSquaredError', 'fit', 'loss');
  return [...namesOf(method), ...own, ...any, ...(method === 'fitTransform' ? ['fit', 'transform'] : [])];
}

/** Would dispose of the canaries: all variables, whoever holds them. */
const NEVER = new Set(['disposeVariables']);

/** There is no localStorage here, and no graph in the recipe. */
const WITHOUT_STORE = ['io.copyModel', 'io.moveModel', 'io.removeModel', 'loadGraphModel'];
/** Recipes that are wrong on purpose: files that no checkpoint is, a state of another model, a camera or a launcher where there is none. */
const WRONG = [
  'io.decodeTraining',
  'io.loadCheckpoint',
  'Model.restoreTraining',
  'data.webcam',
  'mpi.init',
  'World.abort',
  ...WITHOUT_STORE,
];

const isClass = (v: unknown): boolean =>
  typeof v === 'function' && /^class\b/.test(Function.prototype.toString.call(v));
const isNamespace = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && (v as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Module';

/** Functions among the exports, with the namespace in front. */
function functions(): [string, Callable][] {
  return Object.entries({ ...sg, onnx, mpi }).flatMap(([name, value]): [string, Callable][] => {
    if (PLAIN.has(name)) return [];
    if (isNamespace(value))
      return Object.entries(value).flatMap(([inner, v]): [string, Callable][] =>
        typeof v === 'function' && !isClass(v) ? [[`${name}.${inner}`, v as Callable]] : [],
      );
    return typeof value === 'function' && !isClass(value) ? [[name, value as unknown as Callable]] : [];
  });
}

/** Names of the methods of an object, of its classes too. */
function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
  return [...names];
}

/**
 * A function's names in errors: all by which it is exported, also without what tells that it is a promise, or that it
 * gets something, which its caller's name may stand for.
 */
const namesOf = (name: string, fn?: unknown): string[] => {
  const last = (full: string): string => full.split('.').pop() as string;
  const same = fn ? functions().flatMap(([other, value]) => (value === fn ? [last(other)] : [])) : [];
  return [last(name), ...same].flatMap((n) => [n, n.replace(/Async$/, ''), n.replace(/^get/, '')]);
};

const free =
  (fn: Callable, args: Args): (() => Opened) =>
  () => ({ call: fn, args, close: () => undefined, times: 1 });

const disposeOf = (made: object): void => {
  if ('dispose' in made) (made as { dispose(): void }).dispose();
};

const bound =
  ({ make, times = 1, close = disposeOf }: Omit<ClassRecipe, 'methods'>, method: string, args: Args) =>
  (): Opened => {
    const made = make();
    return {
      call: (...given) => ((made as Record<string, Callable>)[method] as Callable).apply(made, given as unknown[]),
      args,
      close: () => close(made),
      times,
    };
  };

/** The rest of a function's arguments, with the first as the object. */
const chained = (args: Args, method: string) => (): Opened => {
  const [self, ...rest] = args() as [sg.Tensor, ...unknown[]];
  let given: readonly unknown[] | undefined = rest;
  return {
    call: (...values) => (self as unknown as Record<string, Callable>)[method]?.apply(self, values as unknown[]),
    args: () => {
      const first = given ?? [];
      given = undefined;
      return first;
    },
    close: () => self.dispose(),
    times: 1,
  };
};

export interface Found {
  readonly subjects: readonly Subject[];
  /** Public names without a recipe. */
  readonly unknown: readonly string[];
  /** Recipes without a public name. */
  readonly stale: readonly string[];
}

export function findSubjects(): Found {
  const subjects: Subject[] = [];
  const unknown: string[] = [];
  const used = new Set<string>();
  const add = (name: string, open: () => Opened, called = namesOf(name)): void => {
    subjects.push({ name, called, open, isWrong: WRONG.includes(name) });
  };
  for (const [name, fn] of functions()) {
    const args = recipes[name];
    if (NEVER.has(name)) continue;
    if (!args) unknown.push(name);
    else add(name, free(fn, args), namesOf(name, fn));
    used.add(name);
  }
  for (const method of methodsOf(sg.Tensor.prototype)) {
    const name = `Tensor.${method}`;
    const own = ownMethods[method];
    if (own)
      add(
        name,
        bound(
          {
            make: () =>
              method === 'asScalar'
                ? sg.ones([1, 1])
                : method.startsWith('resize')
                  ? sg.ones([1, 3, 3, 1])
                  : sg.ones(method === 'where' ? [3] : [2, 3]),
          },
          method,
          own,
        ),
      );
    else if (recipes[method]) add(name, chained(recipes[method] as Args, method));
    else if (!isInternal('Tensor', method)) unknown.push(name);
  }
  const covered = new Set<unknown>();
  for (const [kind, recipe] of Object.entries(classes)) {
    const made = recipe.make();
    for (const method of methodsOf(made)) {
      const name = `${kind}.${method}`;
      const args = recipe.methods[method];
      const fn = (made as Record<string, unknown>)[method];
      if (args) covered.add(fn);
      if (args) add(name, bound(recipe, method, args), methodNames(kind, made, method));
      else if (!(method in sg.Tensor.prototype) && !covered.has(fn) && !isInternal(kind, method)) unknown.push(name);
    }
    (recipe.close ?? disposeOf)(made);
  }
  return { subjects, unknown, stale: Object.keys(recipes).filter((name) => !used.has(name)) };
}
