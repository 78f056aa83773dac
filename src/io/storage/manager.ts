/** Models that a browser keeps, as users manage them. */
import { withinAsync } from '../../support/arguments';
import type { ModelArtifactsInfo } from '../artifacts';

/**
 * What is known of all models in the browser's IndexedDB and local storage, by their URLs; nothing where there is
 * neither.
 * @throws ArgumentError if the database fails
 * @example
 * await sg.io.listModels(); // in Node: {}
 */
export async function listModels(): Promise<Record<string, ModelArtifactsInfo>> {
  return withinAsync('listModels', async () => (await import('./browser-models')).listModels());
}

/**
 * Removes a model from the browser's storage.
 * @returns what was known of it
 * @throws ArgumentError if there is none
 * @example
 * // await sg.io.removeModel('indexeddb://mine');
 */
export async function removeModel(url: string): Promise<ModelArtifactsInfo> {
  return withinAsync('removeModel', async () => (await import('./browser-models')).removeModel(url));
}

/**
 * Copies a model from one URL to another.
 * @returns what is known of the copy
 * @throws ArgumentError if there is no model, or both are the same
 * @example
 * // await sg.io.copyModel('localstorage://mine', 'indexeddb://mine');
 */
export async function copyModel(sourceURL: string, destURL: string): Promise<ModelArtifactsInfo> {
  return withinAsync('copyModel', async () =>
    (await import('./browser-models')).copyModel('copyModel', sourceURL, destURL),
  );
}

/**
 * Moves a model of the browser's storage to another URL; it is removed when the copy is complete.
 * @returns what is known of it
 * @throws ArgumentError if there is no model, or both are the same
 * @example
 * // await sg.io.moveModel('localstorage://mine', 'indexeddb://mine');
 */
export async function moveModel(sourceURL: string, destURL: string): Promise<ModelArtifactsInfo> {
  return withinAsync('moveModel', async () => (await import('./browser-models')).moveModel(sourceURL, destURL));
}
