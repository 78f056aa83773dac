import * as sg from 'samegrad';
import { serve, tell, useThreads } from '../shared/serve.js';
import { features, head } from './training.js';

let featuresOf;
let classify;

serve({
  async load(url) {
    await useThreads(sg);
    featuresOf = await features(sg, url);
  },
  features: (rgba) => featuresOf(rgba),
  async train(examples, classes) {
    classify = await head(sg, examples, classes, tell);
  },
  look: (rgba) => classify(featuresOf(rgba)),
});
