/** What the user has to change: printed without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
