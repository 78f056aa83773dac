// As much of Jasmine as TensorFlow.js' own unit tests use, to run them where they lie.
import { isDeepStrictEqual } from 'node:util';

class Failure extends Error {}

const check = (ok, message) => {
  if (!ok) throw new Failure(message);
};

const text = (value) => {
  try {
    const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
    return (shown ?? String(value)).slice(0, 300);
  } catch {
    return String(value);
  }
};

/** Equal as Jasmine has it: by value and type; a property that is undefined counts as absent in neither. */
function equal(a, b) {
  if (b instanceof Containing) return Array.isArray(a) && b.matches(a);
  return isDeepStrictEqual(a, b);
}

class Containing {
  constructor(values) {
    this.values = values;
  }
  matches(actual) {
    return (
      actual.length === this.values.length && this.values.every((value) => actual.some((other) => equal(other, value)))
    );
  }
}

const thrown = (run) => {
  try {
    run();
  } catch (error) {
    return { error };
  }
  return undefined;
};

/** Classes whose errors count whatever they say: their wording is the library's own. */
export const ownErrors = [];

/** Arguments of toThrowError: (message), (class), (class, message). */
function isError(error, args) {
  if (ownErrors.some((type) => error instanceof type)) return true;
  const message = args.find((arg) => typeof arg === 'string' || arg instanceof RegExp);
  const kind = args.find((arg) => typeof arg === 'function');
  if (!(error instanceof Error) || (kind && !(error instanceof kind))) return false;
  if (message === undefined) return true;
  return typeof message === 'string' ? error.message === message : message.test(error.message);
}

const MATCHERS = {
  toBe: (a, b) => Object.is(a, b) || a === b,
  toEqual: equal,
  toBeCloseTo: (a, b, digits = 2) => Math.abs(a - b) < 0.5 * 10 ** -digits,
  toBeNull: (a) => a === null,
  toBeUndefined: (a) => a === undefined,
  toBeDefined: (a) => a !== undefined,
  toBeTruthy: (a) => Boolean(a),
  toBeFalsy: (a) => !a,
  toBeTrue: (a) => a === true,
  toBeFalse: (a) => a === false,
  toBeNaN: (a) => Number.isNaN(a),
  toBeGreaterThan: (a, b) => a > b,
  toBeGreaterThanOrEqual: (a, b) => a >= b,
  toBeLessThan: (a, b) => a < b,
  toBeLessThanOrEqual: (a, b) => a <= b,
  toBeInstanceOf: (a, b) => a instanceof b,
  toMatch: (a, b) => (b instanceof RegExp ? b.test(a) : String(a).includes(b)),
  toContain: (a, b) => (typeof a === 'string' ? a.includes(b) : [...a].some((value) => equal(value, b))),
  toThrow: (a) => thrown(a) !== undefined,
  toHaveBeenCalled: (a) => a.calls.all.length > 0,
  toHaveBeenCalledTimes: (a, n) => a.calls.all.length === n,
  toHaveBeenCalledWith: (a, ...args) => a.calls.all.some((call) => equal(call, args)),
};

export function expect(actual) {
  const against = (isNot) => {
    const out = {};
    for (const [name, matcher] of Object.entries(MATCHERS))
      out[name] = (...args) =>
        check(matcher(actual, ...args) !== isNot, `${text(actual)} ${isNot ? 'not.' : ''}${name} ${args.map(text)}`);
    out.toThrowError = (...args) => {
      const got = thrown(actual);
      const ok = got !== undefined && isError(got.error, args);
      const seen = got ? `${got.error?.message}` : 'nothing was thrown';
      check(ok !== isNot, `${isNot ? 'not.' : ''}toThrowError ${args.map(String)}: ${seen}`);
    };
    return out;
  };
  return { ...against(false), not: against(true), nothing: () => {}, withContext: () => expect(actual) };
}

export function expectAsync(promise) {
  return {
    toBeRejectedWithError: async (...args) => {
      const got = await promise.then(
        () => undefined,
        (error) => ({ error }),
      );
      check(
        got !== undefined && isError(got.error, args),
        `toBeRejectedWithError ${args.map(String)}: ${got?.error?.message ?? 'no error'}`,
      );
    },
  };
}

const restores = [];

function makeSpy(original) {
  let act = () => undefined;
  const spy = function (...args) {
    spy.calls.all.push(args);
    return act.apply(this, args);
  };
  spy.calls = {
    all: [],
    count: () => spy.calls.all.length,
    first: () => ({ args: spy.calls.all[0] }),
    mostRecent: () => ({ args: spy.calls.all.at(-1) }),
  };
  const become = (next) => {
    act = next;
    return spy;
  };
  spy.and = {
    callThrough: () => become(original),
    callFake: become,
    returnValue: (value) => become(() => value),
    returnValues: (...values) => become(() => values.shift()),
    stub: () => become(() => undefined),
    throwError: (error) =>
      become(() => {
        throw typeof error === 'string' ? new Error(error) : error;
      }),
  };
  return spy;
}

export function spyOn(target, name) {
  const original = target[name];
  const spy = makeSpy(original);
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value: spy, writable: true, configurable: true });
  restores.push(() => (own ? Object.defineProperty(target, name, own) : delete target[name]));
  return spy;
}

export const fail = (message) => check(false, message instanceof Error ? message.message : `fail(${message})`);

export const jasmine = {
  DEFAULT_TIMEOUT_INTERVAL: 20_000,
  arrayWithExactContents: (values) => new Containing(values),
  createSpy: () => makeSpy(() => undefined),
};

/** Collects suites as their files are evaluated. */
export class Suites {
  tests = [];
  #open = [{ name: '', beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }];

  describe = (name, define) => {
    const parent = this.#open.at(-1);
    this.#open.push({
      parent,
      name: `${parent.name} ${name}`.trim(),
      beforeAll: [],
      afterAll: [],
      beforeEach: [],
      afterEach: [],
    });
    try {
      define();
    } finally {
      this.#open.pop();
    }
  };

  it = (name, run) => {
    const suite = this.#open.at(-1);
    this.tests.push({ name: `${suite.name} ${name}`, suite, run });
  };

  hook = (kind) => (run) => this.#open.at(-1)[kind].push(run);

  globals() {
    const hooks = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((kind) => [kind, this.hook(kind)]);
    const off = () => {};
    return {
      describe: this.describe,
      it: this.it,
      xit: off,
      xdescribe: off,
      expect,
      expectAsync,
      spyOn,
      fail,
      jasmine,
      ...Object.fromEntries(hooks),
    };
  }
}

const chain = (suite) => (suite ? [...chain(suite.parent), suite] : []);

async function call(run, seconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`took more than ${seconds} s`)), seconds * 1000);
  });
  const work =
    run.length === 0
      ? new Promise((resolve) => resolve(run()))
      : new Promise((resolve, reject) => {
          const done = () => resolve();
          done.fail = (error) => reject(new Failure(String(error?.message ?? error ?? 'done.fail')));
          Promise.resolve(run(done)).catch(reject);
        });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs what was collected, one after another; `around` wraps each test. */
export async function runAll(tests, around, seconds = 10) {
  const results = [];
  const begun = new Set();
  for (const [index, test] of tests.entries()) {
    let error;
    try {
      await around(async () => {
        for (const suite of chain(test.suite)) {
          if (begun.has(suite)) continue;
          begun.add(suite);
          for (const hook of suite.beforeAll) await call(hook, seconds);
        }
        for (const suite of chain(test.suite)) for (const hook of suite.beforeEach) await call(hook, seconds);
        try {
          await call(test.run, seconds);
        } finally {
          for (const suite of chain(test.suite).reverse())
            for (const hook of suite.afterEach) await call(hook, seconds);
        }
      });
    } catch (caught) {
      error = caught;
    }
    for (const restore of restores.splice(0).reverse()) restore();
    results.push({ ...test, error });
    for (const suite of chain(test.suite).reverse()) {
      const isLast = !tests.slice(index + 1).some((later) => chain(later.suite).includes(suite));
      if (isLast) for (const hook of suite.afterAll) await call(hook, seconds).catch(() => {});
    }
  }
  return results;
}
