/** `sg.serialization`: classes of users by name, and layers from their settings. */
export { registerClass, type SerializedLayer, serializeLayer } from '../layers/base/registry';
export { deserializeLayer } from './known';
