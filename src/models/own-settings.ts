/** Settings of models, whose classes may be subclasses with further settings. */
import { closeCalls } from '../layers/base/call';
import { isPlainObject } from '../support/plain-object';
import { checked, checkNames, type Table, type Values } from '../support/settings';

/** A class of models; users' classes extend the table. */
interface ModelClass<T extends Table> {
  readonly name: string;
  accepts(): T;
}

/**
 * @param where name of the function that was called; undefined for a user's class
 * @throws ArgumentError for settings that the class does not accept
 */
export function modelSettings<T extends Table>(
  cls: ModelClass<T>,
  where: string | undefined,
  args: unknown,
): Values<T> {
  const table = cls.accepts();
  if (where !== undefined) closeCalls(cls);
  if (where === undefined && isPlainObject(args)) {
    try {
      checkNames(cls.name, args, Object.keys(table));
    } catch (error) {
      (error as Error).message +=
        '; a class names settings of its own in static accepts(), { ...super.accepts(), name: true }';
      throw error;
    }
  }
  return checked(where ?? cls.name, table, args as object | null | undefined);
}
