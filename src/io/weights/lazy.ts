/** What functions for weights need when they are used. */
export { encodeValues } from './encode';
export { loadSome } from './loader';
export { decodeStream, gather } from './stream';
