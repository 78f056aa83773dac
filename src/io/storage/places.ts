/** All places that models are in, and the manager of those in browsers: loaded together, when one is used. */

export { chosenFilesHandler, downloadsHandler } from './downloads';
export { fileHandler, openFile, openWhole, writeFile } from './files';
export { fetchAll, httpHandler, openHTTP } from './http';
export * as indexedDB from './indexed-db';
export * as localStorage from './local-storage';
export { readArtifacts } from './model-json';
export { openRanges } from './ranges';
