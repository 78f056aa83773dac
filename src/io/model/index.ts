/** `sg.models`. */
export { modelFromJSON } from './json';
