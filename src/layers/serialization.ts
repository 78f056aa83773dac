/** `sg.serialization`: classes of users by name, and layers from their settings. */
export { deserializeLayer, registerClass, type SerializedLayer, serializeLayer } from './base/registry';
