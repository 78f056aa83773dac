/** `sg.serialization`: classes of users by name, and layers from their settings. */
export {
  type LayerClass,
  registerClass,
  type SerializedLayer,
  serializeLayer,
  type UserFunction,
} from '../layers/base/registry';
export { deserializeLayer } from './known';
