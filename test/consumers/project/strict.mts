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
const any: all.LayersModel = model;
const x = all.input({ shape: [1] });
const functional: all.Functional = all.model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) });

export { any, bytes, functional, history, Own, same, sg, values };
