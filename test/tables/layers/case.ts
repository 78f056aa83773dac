/** A row of the table of layers: settings and inputs; `check.ts` says what is checked of every row. */

export interface LayerCase {
  /** Name of the factory in `sg.layers`. */
  readonly layer: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Shapes of the inputs, without the batch; several for layers that take a list. */
  readonly inputs: readonly (readonly number[])[];
  /** Inputs are integers below this, instead of floats in [-1, 1). */
  readonly below?: number;
  /** Arguments of the call besides `training`. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Weights that are made; 0 by default. */
  readonly weights?: number;
  /** False: TensorFlow.js has no such layer, or is wrong here (say why beside the row). */
  readonly tf?: boolean;
  /** False: only the gradients of TensorFlow.js are wrong, or throw (say why beside the row). */
  readonly tfGradient?: boolean;
  /** Settings that TensorFlow.js takes instead. */
  readonly tfConfig?: Readonly<Record<string, unknown>>;
  /** Largest difference from TensorFlow.js, relative to the largest value or 1; default 1e-5. */
  readonly tolerance?: number;
  /** False: what the layer computes has no useful derivative (integers, steps). */
  readonly gradient?: boolean;
}
