/** Layers that change neither shape nor mask. */
import { Layer, type LayerArgs } from './layer';
import type { Shapes } from './shapes';

export abstract class SameShape extends Layer {
  constructor(args?: LayerArgs) {
    super(args);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return inputShape;
  }
}
