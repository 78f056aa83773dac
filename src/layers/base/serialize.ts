/** Objects as Keras writes them into configurations. */

interface Serializable {
  readonly className: string;
  getConfig(): Record<string, unknown>;
}

/** An object's class name and settings; null for none. */
export const serialize = (
  object: Serializable | undefined,
): { className: string; config: Record<string, unknown> } | null =>
  object ? { className: object.className, config: object.getConfig() } : null;
