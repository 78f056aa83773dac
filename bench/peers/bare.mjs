import { startup } from '../startup.mjs';

/** Node with nothing to do: what start-up times are measured from. */
export const peers = [
  { name: 'bare node', available: async () => true, cases: { importToFirstPrediction: startup() } },
];
