/** Base class of every error that samegrad throws on purpose; other errors are bugs. */
export class SamegradError extends Error {}

/** Shapes that do not fit each other, or an axis outside a shape. */
export class ShapeError extends SamegradError {}

/** An element type that a function does not accept. */
export class DTypeError extends SamegradError {}

/** An argument that is out of range, an unknown name, arrays of unequal length. */
export class ArgumentError extends SamegradError {}

/** An index, such as a label, that is out of range. */
export class IndexError extends SamegradError {}

/** A tensor, variable or model that is used after it was disposed of. */
export class DisposedError extends SamegradError {}

/** A call in the wrong state: `fit` before `compile`, or reading a value in a function that is being traced. */
export class StateError extends SamegradError {}

/** WebAssembly memory cannot grow further. */
export class OutOfMemoryError extends SamegradError {}

/** Something that this runtime does not support, such as threads. */
export class RuntimeSupportError extends SamegradError {}

/** Bytes that are not valid: truncated, in another format, or of a type that cannot be read. */
export class FormatError extends SamegradError {}

/** A function or generator of a dataset failed (`cause` is its error), or an element differs in structure from the others. */
export class DatasetError extends SamegradError {
  constructor(
    message: string,
    /** Index of the element, from 0. */
    readonly element: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

// Bundlers shorten the names of classes, but not strings.
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
