/** Gradients with the variables that they belong to. */
import { ownerOf } from '../../plan/transform/variables';
import { checkSettings, checkText, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { sameShape, showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { type Variable, variablesNamed } from '../../tensor/variable';

/** Gradients by the names of their variables, or as a list with names. */
export type NamedGradients =
  | Readonly<Record<string, Tensor>>
  | readonly { readonly name: string; readonly tensor: Tensor }[];

/** @throws ArgumentError, ShapeError */
export function resolve(gradients: NamedGradients): { variables: Variable[]; tensors: Tensor[] } {
  if (gradients === undefined || gradients === null)
    throw new ArgumentError('applyGradients: needs gradients by the names of their variables');
  const named = Array.isArray(gradients)
    ? Array.from<unknown, [string, Tensor]>(gradients, (g, i) => {
        const { name, tensor } = checkSettings(
          g as { name: string; tensor: Tensor },
          'applyGradients',
          `gradients[${i}]`,
        );
        return [checkText(name, 'applyGradients', `gradients[${i}].name`), tensor];
      })
    : Object.entries(checkSettings(gradients as Record<string, Tensor>, 'applyGradients', 'gradients'));
  const seen = new Set<string>();
  const twice = named.map(([name]) => name).find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new ArgumentError(`applyGradients: '${twice}' has two gradients; add them up first`);
  return { variables: named.map(([name, g]) => variableOf(name, g)), tensors: named.map(([, g]) => g) };
}

function variableOf(name: string, gradient: Tensor): Variable {
  if (!(gradient instanceof Tensor))
    throw new ArgumentError(`applyGradients: the gradient of '${name}' must be a tensor, got ${show(gradient)}`);
  const owner = ownerOf(gradient);
  const found = owner && owner.name === name ? [owner] : variablesNamed(name);
  const [variable] = found;
  if (!variable || found.length > 1) {
    throw new ArgumentError(
      `applyGradients: ${found.length ? `${found.length} variables are` : 'no variable is'} named '${name}'; a gradient needs one of its own`,
    );
  }
  if (variable.dtype !== 'float32' || !sameShape(variable.shape, gradient.shape)) {
    throw new ShapeError(
      `applyGradients: variable '${name}' is ${variable.dtype} ${showShape(variable.shape)}, its gradient ${gradient.dtype} ${showShape(gradient.shape)}; both must be float32 of one shape`,
    );
  }
  return variable;
}
