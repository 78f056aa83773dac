/** Every error that samegrad throws on purpose; `instanceof SamegradError` tells it from a bug. */
export class SamegradError extends Error {
  // Names by hand: bundlers shorten those of classes.
  static {
    this.prototype.name = 'SamegradError';
  }
}

/** Shapes that do not fit each other, or an axis outside a shape. */
export class ShapeError extends SamegradError {
  static {
    this.prototype.name = 'ShapeError';
  }
}

/** An element type that an op cannot take. */
export class DTypeError extends SamegradError {
  static {
    this.prototype.name = 'DTypeError';
  }
}

/** An argument outside its range, an unknown name, arrays of unequal length. */
export class ArgumentError extends SamegradError {
  static {
    this.prototype.name = 'ArgumentError';
  }
}

/** An index, a label for instance, outside its axis. */
export class IndexError extends SamegradError {
  static {
    this.prototype.name = 'IndexError';
  }
}

/** A tensor, variable or model used after it was disposed. */
export class DisposedError extends SamegradError {
  static {
    this.prototype.name = 'DisposedError';
  }
}

/** A call that has to come after another one: `fit` before `compile`, reading a value that exists only while tracing. */
export class StateError extends SamegradError {
  static {
    this.prototype.name = 'StateError';
  }
}

/** Linear memory can grow no further. */
export class OutOfMemoryError extends SamegradError {
  static {
    this.prototype.name = 'OutOfMemoryError';
  }
}

/** Something this runtime cannot do, threads for instance. */
export class RuntimeSupportError extends SamegradError {
  static {
    this.prototype.name = 'RuntimeSupportError';
  }
}

/** Bytes that are not what they should be: cut off, of another format, or of a type that cannot be read. */
export class FormatError extends SamegradError {
  static {
    this.prototype.name = 'FormatError';
  }
}

/** A function or generator of a dataset failed, or an element is not like the others; `cause` is the error itself. */
export class DatasetError extends SamegradError {
  static {
    this.prototype.name = 'DatasetError';
  }

  constructor(
    message: string,
    /** Number of the element, from 0. */
    readonly element: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
