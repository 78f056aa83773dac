/** Fifty steps of every optimizer on three problems, beside float64. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import type * as reference from '../reference/optimizers';
import { type OptimizerRow, optimizers } from '../tables/optimizers';
import { type Problem, perceptron, ravine, rosenbrock } from './problems';

const STEPS = 50;

/** Weights after every step. */
function train(problem: Problem, optimizer: sg.Optimizer): number[][][] {
  const variables = problem.start.map((w, i) => sg.variable(sg.tensor(w, problem.shapes[i] as number[])));
  const step = sg.jit(() => optimizer.minimize(() => problem.loss(variables)));
  const path = Array.from({ length: STEPS }, () => {
    step();
    return variables.map((v) => [...v.dataSync()]);
  });
  step.dispose();
  optimizer.dispose();
  sg.dispose(variables);
  return path;
}

function follow(problem: Problem, rule: reference.Rule): number[][][] {
  const weights = problem.start.map((w) => [...w]);
  const states = weights.map(() => ({}));
  return Array.from({ length: STEPS }, (_, t) => {
    const gradients = problem.gradients(weights);
    weights.forEach((w, i) => {
      rule(w, gradients[i] as number[], states[i] as Record<string, number[]>, t + 1, problem.shapes[i] as number[]);
    });
    return weights.map((w) => [...w]);
  });
}

const distance = (a: number[][], b: number[][]): number => {
  const [x, y] = [a.flat(), b.flat()];
  return Math.max(...x.map((v, i) => Math.abs(v - (y[i] as number)) / (1 + Math.abs(y[i] as number))));
};
const length = (w: number[][]): number => Math.sqrt(w.flat().reduce((s, x) => s + x * x, 0));

const problems: [string, () => Problem][] = [
  ['a ravine', ravine],
  ['Rosenbrock', rosenbrock],
  ['a perceptron', perceptron],
];

const rows = Object.entries(optimizers).flatMap(([name, entry]) =>
  entry.rows.map((row): [string, OptimizerRow] => [row.what ? `${name}, ${row.what}` : name, row]),
);

describe.each(rows)('%s', (_, { make, rule, rates }) => {
  it.each(problems.map(([name, problem], i) => [name, problem(), rates[i] as number] as const))(
    '%s',
    (_, problem, lr) => {
      const [path, expected] = [train(problem, make(lr)), follow(problem, rule(lr))];
      const errors = path.map((w, t) => distance(w, expected[t] as number[][]));
      expect(Math.max(...errors), `step ${errors.indexOf(Math.max(...errors)) + 1}`).toBeLessThan(1e-4);
      // It went somewhere, and for the better.
      const at = (w: readonly number[][]): number => length(problem.gradients(w));
      expect(distance(path.at(-1) as number[][], problem.start)).toBeGreaterThan(1e-3);
      expect(at(path.at(-1) as number[][])).toBeLessThan(at(problem.start));
    },
  );
});

it('disposed of, an optimizer begins again for all its variables', () => {
  const vars = [1, 2, 3].map((v) => sg.variable(sg.scalar(v)));
  const loss = (): sg.Tensor => sg.addN(vars.map((v) => v.square()));
  const optimizer = sg.train.momentum(0.1, 0.9);
  const steps = (count: number): number[] => {
    vars.forEach((v, i) => v.assign(sg.scalar(i + 1)));
    for (let i = 0; i < count; i++) optimizer.minimize(loss);
    return vars.map((v) => v.dataSync()[0] as number);
  };
  const first = steps(3);
  const before = sg.memory().numBytes;
  for (let again = 0; again < 2; again++) {
    optimizer.dispose();
    expect(sg.memory().numBytes).toBeLessThan(before);
    expect(steps(3)).toEqual(first);
  }
  optimizer.dispose();
  for (const v of vars) v.dispose();
});
