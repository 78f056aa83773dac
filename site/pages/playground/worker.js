import * as sg from 'samegrad';
import { serve } from '../shared/serve.js';
import { playground } from './training.js';

let current;

serve({
  async configure(state) {
    current?.dispose();
    current = await playground(sg, state);
    return { points: current.points, first: await current.advance(0) };
  },
  advance: (epochs) => current.advance(epochs),
});
