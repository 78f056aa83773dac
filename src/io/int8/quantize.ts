/** `sg.quantize`: a model with weights of eight bits. */
import { batchSizeOf, checkInputs, type DataArg, type Ports } from '../../models/feed/check';
import { Model } from '../../models/model';
import { zeros } from '../../ops/create/creation';
import { toIntegers } from '../../ops/int8/channels';
import { channelsOf, encodeInt8 } from '../../ops/int8/weights';
import { sliceOf } from '../../ops/shape/shaping';
import { show, within } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { tidy, untracked } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { AnyModel } from '../formats/format';
import { buildModel } from '../model/build';
import { plainConfig } from '../model/json';
import { keepMetadata, metadataOf } from '../model/options';
import { drawFrom, randomOf } from '../model/random';
import { Probe } from './probe';

/** Settings of `quantize`. */
export interface QuantizeArgs {
  /**
   * Inputs like those that the model will see, as for `predict`; a few hundred examples are enough. Products then use the
   * greatest input that they met here as their range, which saves a pass over the inputs. By default each row, and each
   * image, has a range of its own. Products inside the loop of a recurrent layer always have that.
   */
  calibration?: DataArg | null;
}

const SETTINGS = { calibration: is.given('inputs as for predict', (v) => typeof v === 'object') };

/** Fewest elements of a weight that becomes int8: small ones are little of a model. */
const LEAST = 256;
/** Sizes of unknown dimensions that a model is tried with. */
const SIZES = [8, 64, 256];

/** The model on inputs of zeros, one example: what it uses its weights for does not depend on the numbers. */
function runOnZeros(model: AnyModel, { shapes }: Ports): void {
  for (const size of SIZES) {
    try {
      return tidy(() => {
        model.feed(
          shapes.map((shape) => zeros(shape.map((d, i) => d ?? (i === 0 ? 1 : size)))),
          { training: false },
        );
      });
    } catch (error) {
      if (!(error instanceof ShapeError) || size === SIZES[SIZES.length - 1]) throw error;
    }
  }
}

/** The model on examples, batch by batch. */
function runOn(model: AnyModel, inputs: readonly Tensor[]): void {
  const count = inputs[0]?.shape[0] as number;
  if (!count) throw new ArgumentError('quantize: calibration has no examples');
  const size = batchSizeOf('quantize', model.inputPorts, count);
  for (let at = 0; at < count; at += size)
    tidy(() => {
      const batch = inputs.map((x) =>
        sliceOf(
          x,
          [at, ...x.shape.slice(1).map(() => 0)],
          [Math.min(size, count - at), ...x.shape.slice(1)],
          'quantize',
        ),
      );
      model.feed(batch, { training: false });
    });
}

/** Turns the weights of products into int8, in place. @throws ArgumentError if there are none, or some are not finite */
function convert(model: AnyModel, calibration: DataArg | undefined): void {
  const probes = model.weights
    .filter((w) => w.dtype === 'float32' && w.rank >= 2 && w.size >= LEAST)
    .map((w) => new Probe(w));
  for (const probe of probes) probe.variable.probe(probe);
  try {
    if (calibration) runOn(model, checkInputs('quantize', model.inputPorts, calibration));
    else runOnZeros(model, model.inputPorts);
  } finally {
    for (const { variable } of probes) variable.probe(undefined);
  }
  let count = 0;
  for (const probe of probes) {
    const form = probe.form(calibration !== undefined);
    if (!form) continue;
    const { variable } = probe;
    const integers = toIntegers(variable.dataSync<'float32'>(), channelsOf(form));
    if (!integers)
      throw new ArgumentError(
        `quantize: ${variable.name} holds NaN or an infinity, which int8 cannot; train the model again`,
      );
    const { location, coded } = encodeInt8(integers, form);
    variable.encode(location, coded);
    count++;
  }
  if (count === 0)
    throw new ArgumentError(
      `quantize: the model has no weights of ${LEAST} elements or more that products, convolutions or look-ups of rows use`,
    );
}

/**
 * A copy of a model that predicts with integers of eight bits: for programs that load a quarter of the bytes, and compute
 * faster. Kernels of dense, convolutional, attention and recurrent layers, and tables of embeddings, become int8 with one
 * scale for each output channel, as `quantizeWeights` describes; biases and all else stay float32. The copy has the same
 * layers, is evaluated, saved to files of this library and loaded as any model, with the same bits everywhere; it is not
 * trained. The model itself stays as it is.
 * @param model built, of layers that can be saved.
 * @param options calibration: examples from which ranges of inputs are taken; none by default.
 * @returns the copy, which is not compiled
 * @throws ArgumentError if nothing in the model can be quantized, for weights that are not finite, for a model that is
 * quantized already, and for functions that were not registered; StateError before the model is built
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 64, inputShape: [100] })] });
 * const small = sg.quantize(model);
 * small.predict(sg.ones([2, 100])).shape; // [2, 64]
 */
export function quantize<M extends AnyModel>(model: M, options?: QuantizeArgs | null): M {
  const { calibration } = is.checked('quantize', SETTINGS, options);
  if (!((model as unknown) instanceof Model)) throw new ArgumentError(`quantize: needs a model, got ${show(model)}`);
  model.ensureReady('quantize');
  if (model.weights.some((w) => w.coded))
    throw new ArgumentError('quantize: the model is quantized already; quantize the float32 model');
  return untracked(() => {
    const copy = within('quantize', () => buildModel('quantize', plainConfig(model)));
    try {
      copy.ensureReady('quantize');
      copy.setWeights(model.weights);
      drawFrom('quantize', copy, randomOf(model));
      const metadata = metadataOf(model);
      if (metadata) keepMetadata(copy, metadata);
      convert(copy, calibration as DataArg | undefined);
      copy.resetStates();
    } catch (error) {
      copy.dispose();
      throw error;
    }
    return copy as M;
  });
}
