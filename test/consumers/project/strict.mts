// In strict TypeScript, with the types of the language alone.
import sg, * as all from 'samegrad';
import * as layers from 'samegrad/layers';
import * as predict from 'samegrad/predict';

const model = all.sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const history: Promise<all.History> = model.fit(all.ones([1, 3]), all.ones([1, 2]));
const chained: all.Tensor = all.ones([2]).add(1).relu();
const values: number[] = chained.arraySync<number[]>();
const other = predict.sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
const predicted: predict.Tensor = other.predict(predict.ones([1, 3]));
const same: all.Tensor = predicted;
const bytes: Promise<Uint8Array> = chained.bytes();
class Own extends all.Sequential {
  readonly extra = 1;
}
const wider: all.LayersModel = model;
const x = all.input({ shape: [1] });
const functional: all.Functional = all.model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) });

// Types of arguments and results have names.
const settings: all.losses.LossSettings<all.losses.HuberSettings> = { delta: 2, reduction: 'sum' };
const loss: all.losses.LossFunction = all.losses.huberLoss(settings);
const rate: all.schedules.ExponentialDecaySettings = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 };
const recurrent: all.layers.LSTM<all.layers.RecurrentOutput<true>> = layers.lstm({ units: 2, returnState: true });
const patterns: readonly all.train.VariablePattern[] = ['bias', /norm/];
all.schedules.exponentialDecay(rate);
all.schedules.exponentialDecay(0.1, 10, 0.9, true);
// @ts-expect-error a setting is missing
all.schedules.exponentialDecay({ initialLearningRate: 0.1 });
// @ts-expect-error tensors are made by functions
new all.Tensor();
// @ts-expect-error for the library alone
model.weightsByLayer;
// @ts-expect-error for the library alone, also where a class overrides it
all.train.adam().slotsOf;

// `using` needs no more of the language's types.
function disposed(): number {
  using t = all.ones([2]);
  return t.size;
}

export { bytes, disposed, functional, history, loss, Own, patterns, recurrent, same, sg, values, wider };
