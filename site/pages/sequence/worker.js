import * as sg from 'samegrad';
import { serve, useThreads } from '../shared/serve.js';
import { characterModel } from './training.js';

let current;

serve({
  async read(text) {
    await useThreads(sg);
    current = characterModel(sg, text);
    return current.characters;
  },
  train: (steps) => current.train(steps),
  write: (start, length, temperature) => current.write(start, length, temperature),
  attention: (ending) => current.attention(ending),
});
