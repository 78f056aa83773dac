/** A field of all rows by the names of the rows. */
export const fieldOf = <K extends string, R, F extends keyof R>(
  rows: Readonly<Record<K, R>>,
  field: F,
): Readonly<Record<K, R[F]>> =>
  Object.fromEntries(Object.entries<R>(rows).map(([name, row]) => [name, row[field]])) as Record<K, R[F]>;
