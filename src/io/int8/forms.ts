/** Weights of files that stay int8 in the model. */
import { encodeInt8, type Int8Form } from '../../ops/int8/weights';
import { FormatError } from '../../support/errors';
import type { Variable } from '../../tensor/variable';
import type { AnyModel, StoredForm, StoredWeight } from '../formats/format';

/** Whether weights of a shape can have a form, and a file has all of its integers. */
function isFitting(
  variable: Variable | undefined,
  { inner, channels }: Int8Form,
  stored: StoredWeight | undefined,
): boolean {
  if (!variable || !stored?.integers || stored.shape.join() !== variable.shape.join()) return false;
  const { data, scales } = stored.integers;
  return (
    variable.dtype === 'float32' &&
    inner * channels === variable.size &&
    data.length === variable.size &&
    scales.length === channels
  );
}

/**
 * Gives the weights of a model their forms and integers.
 * @param weights those of the file, in the order of `model.weights`
 * @returns the same, without those that are done
 * @throws FormatError if they do not fit the model; nothing has changed then
 */
export function encodeForms(
  where: string,
  model: AnyModel,
  forms: readonly StoredForm[],
  weights: readonly (StoredWeight | undefined)[],
): (StoredWeight | undefined)[] {
  const variables = model.weights;
  for (const { weight, ...form } of forms)
    if (!isFitting(variables[weight], form, weights[weight]))
      throw new FormatError(
        `${where}: weight ${weight} of the model is not the int8 of [${form.inner}, ${form.channels}] that the file says`,
      );
  for (const { weight, ...form } of forms) {
    const { location, coded } = encodeInt8((weights[weight] as Required<StoredWeight>).integers, form);
    (variables[weight] as Variable).encode(location, coded);
  }
  const done = new Set(forms.map(({ weight }) => weight));
  return weights.map((w, i) => (done.has(i) ? undefined : w));
}
