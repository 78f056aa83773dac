/** Numbers that are known while a graph is written. */
import type { Num } from './numbers';
import type { Step } from './unify';

/** The number that a scalar always is. */
export function constantOf(step: Step | undefined): number | undefined {
  if (step?.shape.length !== 0) return undefined;
  if (step.kind === 'constant') return step.constant?.rule ? undefined : step.constant?.elements()[0];
  const { value } = (step.attrs ?? {}) as { value?: Num };
  return step.op === 'fill' && typeof value === 'number' ? value : undefined;
}
