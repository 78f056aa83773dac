/** Every error that samegrad throws on purpose; `instanceof SamegradError` tells it from a bug. */
export class SamegradError extends Error {}

/** Shapes that do not fit each other, or an axis outside a shape. */
export class ShapeError extends SamegradError {}

/** An element type that an op cannot take. */
export class DTypeError extends SamegradError {}

/** An argument outside its range, an unknown name, arrays of unequal length. */
export class ArgumentError extends SamegradError {}

/** An index, a label for instance, outside its axis. */
export class IndexError extends SamegradError {}

/** A tensor, variable or model used after it was disposed. */
export class DisposedError extends SamegradError {}

/** A call that has to come after another one: `fit` before `compile`, reading a value that exists only while tracing. */
export class StateError extends SamegradError {}

/** Linear memory can grow no further. */
export class OutOfMemoryError extends SamegradError {}

/** Something this runtime cannot do, threads for instance. */
export class RuntimeSupportError extends SamegradError {}

/** Bytes that are not what they should be: cut off, of another format, or of a type that cannot be read. */
export class FormatError extends SamegradError {}

/** A function or generator of a dataset failed, or an element is not like the others; `cause` is the error itself. */
export class DatasetError extends SamegradError {
  constructor(
    message: string,
    /** Number of the element, from 0. */
    readonly element: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

// Bundlers shorten the names of classes, but not those in texts.
const all = {
  SamegradError,
  ShapeError,
  DTypeError,
  ArgumentError,
  IndexError,
  DisposedError,
  StateError,
  OutOfMemoryError,
  RuntimeSupportError,
  FormatError,
  DatasetError,
};
for (const [name, type] of Object.entries(all)) {
  type.prototype.name = name;
  Object.defineProperty(type, 'name', { value: name });
}
