/** Activations by name. */
import { lookUp, type OpenName } from '../../support/names';
import type { Tensor } from '../../tensor/tensor';
import { nameOf, registered } from '../base/names';
import * as functions from './activations';

/** A function of a tensor, element by element or along its last axis. */
export type Activation = (x: Tensor) => Tensor;
/** Names of the functions of `sg.activations`. */
export type ActivationName = keyof typeof functions;
/** A name ('relu', 'softmax', …), or a function of a tensor. */
export type ActivationIdentifier = OpenName<ActivationName> | Activation;

/**
 * A name may also be that of a function that `sg.serialization.registerClass` was given.
 * @throws ArgumentError for an unknown name
 */
export function getActivation(
  identifier: ActivationIdentifier | null | undefined,
  where: string,
): { name: string; fn: Activation } {
  if (typeof identifier === 'function')
    return { name: nameOf(identifier) ?? (identifier.name || 'custom'), fn: identifier };
  const name = identifier ?? 'linear';
  const own = registered(name) as Activation | undefined;
  if (own) return { name, fn: own };
  const fn = lookUp<Activation>(functions, name, 'activation', where);
  // More than one argument would be filled by `map` and the like.
  return { name, fn: (x) => fn(x) };
}
