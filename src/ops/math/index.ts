/** The namespace `sg.math`. */
export { confusionMatrix } from './counting';
