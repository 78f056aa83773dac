/** What steps need of a model's trainer. */
import type { Compiled } from '../../models/compile';
import type { Model } from '../../models/model';
import type { StepKind } from '../../models/step/programs';

export interface Trainable {
  readonly model: Model;
  /** The result of `compile`. @throws StateError if it was not called */
  settled(where: string): Compiled;
  /** Makes a step; weights that layers make in their first call are taken in. @param make returns undefined after that */
  make<T>(kind: StepKind, make: (compiled: Compiled) => T | undefined): T;
}
