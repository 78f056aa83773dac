/** Layers that change neither shape nor mask. */
import { Layer, type LayerArgs } from './layer';
import type { Shapes } from './shapes';

/** `settings` are the layer's own, without those of all layers. */
export abstract class SameShape<S extends object = object> extends Layer {
  constructor(
    args?: LayerArgs,
    protected readonly settings: S = {} as S,
  ) {
    super(args);
    this.supportsMasking = true;
  }

  override get takesOne(): boolean {
    return true;
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return inputShape;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.settings };
  }
}
