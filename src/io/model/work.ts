/** What the methods of models for saving do: loaded with the first of them that is used. */
export { loadWeights } from './open';
export { save, saveWeights, toBytes } from './save';
