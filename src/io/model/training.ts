/** The training of a model that was saved with it: loaded if there is one. */
import { ArgumentError } from '../../support/errors';
import type { AnyModel, StoredModel } from '../formats/format';
import { compileAs } from './compile';
import { continueFrom, presentTraining } from './progress';

/** Compiles a model as it was, and lets it continue. @throws ArgumentError, ShapeError, FormatError */
export async function resume(where: string, model: AnyModel, stored: StoredModel): Promise<void> {
  const { compile } = stored;
  if (!compile) return;
  try {
    compileAs(model, compile);
  } catch (cause) {
    throw new ArgumentError(
      `${where}: the model cannot be compiled as it was: ${(cause as Error).message}; compile: false leaves that out`,
      { cause },
    );
  }
  const training = await stored.trainingFor?.(model, presentTraining(model));
  if (training) continueFrom(where, model, training);
}
