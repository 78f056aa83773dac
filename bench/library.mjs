/** Every case of a library that speaks the language of TF.js and has attention. It runs in every runtime. */
import { eagerCases } from './eager.mjs';
import { trainEncoder } from './encoder.mjs';
import { memoryCase } from './memory/ops.mjs';
import { layersCases } from './models.mjs';

/** By id; `load` returns the library's namespace, ready to use. `hasCopy`: with the copies that memory is compared with. */
export const libraryCases = (load, hasCopy) => ({
  ...layersCases(load),
  ...eagerCases(load),
  trainEncoder: async (params) => trainEncoder(await load(), params),
  memory: memoryCase(load, hasCopy),
});
