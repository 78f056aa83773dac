/** Base of layers that change the space of signals, images and volumes, and know its size beforehand. */
import * as is from '../../support/settings';
import { Layer, type LayerArgs } from '../base/layer';
import type { PartialShape } from '../base/shapes';
import { ChannelOrder, type DataFormatName, type Size } from './space';

/** Settings of layers of images and the like. */
export interface SpatialArgs extends LayerArgs {
  /** 'channelsLast' (default) or 'channelsFirst'. */
  dataFormat?: DataFormatName | null;
}

/** [batch, ...space, channels] -> [batch, ...outputSpace(space), channels], or with the channels before the space. */
export abstract class SpatialLayer extends Layer {
  static override accepts(): is.Table {
    return { dataFormat: is.text(), ...Layer.accepts() };
  }

  /** Position of the channels. @internal */
  protected readonly order: ChannelOrder;

  constructor(args: SpatialArgs, dims: number) {
    super(args);
    this.order = new ChannelOrder(dims, args.dataFormat, this.className);
  }

  override get takesOne(): boolean {
    return true;
  }

  /** Sizes of the space of the output. @internal */
  protected abstract outputSpace(space: readonly Size[]): readonly Size[];

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    return this.order.replace(inputShape, this.outputSpace(this.order.space(inputShape)));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.order.format };
  }
}
