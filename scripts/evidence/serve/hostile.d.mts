export function attack(
  target: { readonly port: number; readonly path: string; readonly input: string; readonly features: number },
  run: { readonly count: number; readonly seed: number; readonly check: () => Promise<void> },
): Promise<{
  readonly statuses: Readonly<Record<string, number>>;
  readonly accepted: readonly string[];
  readonly checks: number;
}>;
