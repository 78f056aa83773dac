/** Saving as methods of models: `await model.save(…)`, `await model.loadWeights(…)`. */
import { Model } from '../../models/model';
import { checkFlag, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { Tensor } from '../../tensor/tensor';
import type { IOHandler, IOHandlerSync, NamedTensorMap, SaveResult } from '../artifacts';
import { toJSON } from './json';
import { keepMetadata, type LoadOptions, type ModelSource, metadataOf, type SaveOptions } from './options';
import { setNamedTensors } from './weights';

/** The methods of saving, which models of the main entry have. */
export interface Saving {
  /**
   * Saves the model: class and settings of its layers, weights, and with `includeOptimizer` all that a training
   * continues from.
   * @param where a path: `name.safetensors` for one file of this library's, any other for a folder with `model.json` and
   * `weights.bin`, as TensorFlow.js reads it; or an URL (`file://`, `http://`, `https://`, `indexeddb://`,
   * `localstorage://`, `downloads://`), or a handler of `sg.io`.
   * @param options includeOptimizer false, trainableOnly false, weights 'float32', weightShardSize 4 MB by default
   * @returns when it was saved and its size in bytes
   * @throws ArgumentError for an unknown place, and for what cannot be saved: functions that were not registered
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * // await model.save('model.safetensors', { includeOptimizer: true });
   * // const copy = await sg.loadModel('model.safetensors');
   */
  save(where: string | IOHandler | IOHandlerSync, options?: SaveOptions | null): Promise<SaveResult>;

  /**
   * Class and settings of the model and its layers in TensorFlow.js' form, for `sg.models.modelFromJSON`.
   * @param unused for the sake of `JSON.stringify`.
   * @param returnString whether to return text instead of an object; default true.
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * model.toJSON(null, false).class_name; // 'Sequential'
   */
  toJSON(unused?: unknown, returnString?: true): string;
  toJSON(unused: unknown, returnString: false): Record<string, unknown>;
  toJSON(unused?: unknown, returnString?: boolean): string | Record<string, unknown>;

  /**
   * Sets weights by their names: of tensors at once, of a file when it was read. All are set or none.
   * @param weights tensors by the names of `getNamedWeights`, or where a model or its weights were saved.
   * @param strict whether the names must be the same on both sides; default true.
   * @throws ArgumentError for other names if `strict`, ShapeError for other shapes, FormatError for damaged files;
   * nothing has changed then
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'out' })] });
   * model.loadWeights({ 'out/kernel': sg.ones([2, 1]), 'out/bias': sg.zeros([1]) });
   * model.predict(sg.ones([1, 2])).dataSync(); // [2]
   */
  loadWeights(weights: NamedTensorMap, strict?: boolean): void;
  loadWeights(source: ModelSource, options?: boolean | LoadOptions | null): Promise<void>;

  /**
   * Saves the weights alone.
   * @param where as for `save`.
   * @param options trainableOnly false, weights 'float32' by default
   * @throws as `save`
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
   * // await model.saveWeights('weights.safetensors');
   * // await model.loadWeights('weights.safetensors');
   */
  saveWeights(where: string | IOHandler | IOHandlerSync, options?: SaveOptions | null): Promise<SaveResult>;

  /**
   * Sets what is saved with the model besides: anything that JSON can hold, such as labels.
   * @throws ArgumentError unless it is an object that JSON can hold
   * @example
   * const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [2] })] });
   * model.setUserDefinedMetadata({ labels: ['cat', 'dog'] });
   */
  setUserDefinedMetadata(metadata: Readonly<Record<string, unknown>>): void;

  /** What `setUserDefinedMetadata` was given, here or before the model was saved; undefined if nothing was. */
  getUserDefinedMetadata(): Readonly<Record<string, unknown>> | undefined;
}

declare module '../../models/model' {
  interface Model<Out extends Tensor | Tensor[]> extends Saving {}
}

/** TensorFlow.js' limit. */
const MOST_METADATA = 16_777_216;

function checkMetadata(value: unknown): Readonly<Record<string, unknown>> {
  const where = 'setUserDefinedMetadata';
  if (!isPlainObject(value)) throw new ArgumentError(`${where}: metadata must be an object, got ${show(value)}`);
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new ArgumentError(`${where}: metadata must be what JSON can hold`, { cause });
  }
  if (text.length > MOST_METADATA)
    throw new ArgumentError(
      `${where}: the metadata are ${text.length} characters of JSON; ${MOST_METADATA} are the most`,
    );
  return value;
}

const isNamed = (value: unknown): value is NamedTensorMap =>
  isPlainObject(value) && !('load' in value) && Object.values(value).every((v) => v instanceof Tensor);

const methods: Saving & ThisType<Model> = {
  async save(where, options) {
    const { save } = await import('./work');
    return save(this, where, options);
  },
  toJSON(_unused?: unknown, returnString?: boolean) {
    return toJSON(this, returnString) as never;
  },
  loadWeights(source: NamedTensorMap | ModelSource, options?: boolean | LoadOptions | null): never {
    this.ensureReady('loadWeights');
    if (!isNamed(source))
      return import('./work').then(({ loadWeights }) => loadWeights(this, source, options)) as never;
    setNamedTensors('loadWeights', this, source, checkFlag(options, 'loadWeights', 'strict', true));
    return undefined as never;
  },
  async saveWeights(where, options) {
    const { saveWeights } = await import('./work');
    return saveWeights(this, where, options);
  },
  setUserDefinedMetadata(metadata) {
    keepMetadata(this, checkMetadata(metadata));
  },
  getUserDefinedMetadata() {
    return metadataOf(this);
  },
};

/** Gives all models the methods of saving. */
export function addSaving(): void {
  if (Object.hasOwn(Model.prototype, 'save')) return;
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(Model.prototype, name, { value, writable: true, configurable: true });
}
