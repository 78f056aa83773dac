import * as sg from 'samegrad';
import { serve, useThreads } from '../shared/serve.js';
import { cases, run } from './cases.js';

serve({
  threads: (most) => useThreads(sg, most),
  run: (key) =>
    run(
      sg,
      cases.find((one) => one.key === key),
      60,
    ),
});
