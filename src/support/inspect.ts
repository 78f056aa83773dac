/** The method that Node, Deno and Bun ask for what the console is to show of an object. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
