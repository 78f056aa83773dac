/** Training by several processes. */
import * as mpi from '../../../src/distributed';
import * as sg from '../../../src/index';
import type { ClassRecipe, Recipes } from './recipe';

export const worldRecipes: Recipes = { 'mpi.init': () => [{ library: '/nowhere/libmpi.so' }] };

export const worldClasses: Readonly<Record<string, ClassRecipe>> = {
  World: {
    make: () => mpi.alone,
    methods: {
      reduce: () => [5, 2, (from: number, to: number) => ({ loss: sg.scalar(to - from) })],
      shard: () => [sg.data.array([1, 2, 3]), { batchSize: 2, chunk: 1, load: (i: number) => ({ xs: [i], ys: [i] }) }],
      barrier: () => [],
      abort: () => [1],
      finalize: () => [],
    },
    close: () => undefined,
  },
};
