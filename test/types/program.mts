/** Programs as they are written for TensorFlow.js in TypeScript: they are compiled, not run. */
import * as tf from 'samegrad';

// Names of types in signatures.
export function loss(predictions: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar {
  return tf.losses.meanSquaredError(labels, predictions).mean() as tf.Scalar;
}
export const normalize = (x: tf.Tensor, min: tf.Tensor, max: tf.Tensor): tf.Tensor => x.sub(min).div(max.sub(min));
export function rank2(t: tf.Tensor<tf.Rank.R2>): tf.Tensor<tf.Rank> {
  return t.expandDims(0);
}
export const anyRank = <R extends tf.Rank>(t: tf.Tensor<R>): tf.Tensor<R> => t.clone() as tf.Tensor<R>;
export const vectors: tf.Tensor1D[] = [tf.tensor1d([1, 2]), tf.range(0, 3) as tf.Tensor1D];
export const image: tf.Tensor3D = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
export const images: tf.Tensor4D = tf.stack([image, image]) as tf.Tensor4D;
export const volume: tf.Tensor5D = tf.zeros([1, 2, 2, 2, 1]) as tf.Tensor5D;
export const six: tf.Tensor6D = tf.tensor6d([[[[[[1]]]]]]);
export const product: tf.Tensor2D = tf.matMul(tf.tensor2d([[1]]), tf.tensor2d([[2]]));
export const eye: tf.Tensor2D = tf.eye(3);

// Values.
export function values(t: tf.Tensor2D, s: tf.Scalar, v: tf.Tensor1D): [number[][], number, number[]] {
  const rows: number[][] = t.arraySync();
  const first: number = t.arraySync()[0][0];
  const one: number = s.arraySync();
  const list = v.arraySync();
  return [rows, first + one, list];
}
export async function read(t: tf.Tensor3D, u: tf.Tensor): Promise<number> {
  const deep = await t.array();
  const cells: number[][] = deep[0];
  const typed = (await u.data()) as Float32Array;
  const ints = u.dataSync<'int32'>();
  const nested = (await u.array()) as number[][];
  const other = u.arraySync() as number;
  return cells[0][0] + typed[0] + ints[0] + nested[0][0] + other + Array.from(u.dataSync())[0];
}
export const shapeOf = (t: tf.Tensor): number[] => t.shape;
export const pair = (t: tf.Tensor2D): [number, number] => t.shape as [number, number];
export const withBatch = (t: tf.Tensor, shape: number[]): tf.Tensor => t.reshape([1, ...t.shape, ...shape]);

// Containers.
export const scoped: tf.Tensor1D = tf.tidy(() => tf.tensor1d([1]).square());
export function pack(container: tf.TensorContainer): void {
  tf.dispose(container);
}
export const named: tf.NamedTensorMap = { a: tf.scalar(1) };
pack(named);
pack([tf.scalar(1), { b: tf.scalar(2) }]);
export const like: tf.TensorLike = [1, 2, 3];
export const dtype: tf.DataType = 'float32';
export const buffer: tf.TensorBuffer<tf.Rank.R2> = tf.buffer([2, 2]);
buffer.set(1, 0, 0);

// Variables, gradients and optimizers.
export class Regression {
  private readonly a: tf.Variable = tf.variable(tf.scalar(Math.random()));
  private readonly b: tf.Variable<tf.Rank.R0> = tf.scalar(0).variable();
  private readonly optimizer: tf.Optimizer = tf.train.sgd(0.1);

  predict(x: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() => this.a.mul(x).add(this.b) as tf.Tensor1D);
  }
  step(x: tf.Tensor1D, y: tf.Tensor1D): number {
    const cost = this.optimizer.minimize(() => this.predict(x).sub(y).square().mean() as tf.Scalar, true, [this.a]);
    const value = (cost as tf.Scalar).dataSync()[0];
    cost?.dispose();
    return value;
  }
  gradients(x: tf.Tensor1D): tf.Tensor[] {
    const { value, grads } = this.optimizer.computeGradients(() => this.predict(x).mean() as tf.Scalar);
    this.optimizer.applyGradients(grads);
    const varGrads = tf.variableGrads(() => this.predict(x).sum() as tf.Scalar);
    const g = tf.grad((t) => t.square());
    return [value, varGrads.value, g(x), ...Object.values(grads)];
  }
}

// Models.
export function build(inputShape: tf.Shape): tf.LayersModel {
  const model: tf.Sequential = tf.sequential();
  model.add(
    tf.layers.conv2d({
      inputShape,
      filters: 8,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: 'varianceScaling',
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dropout({ rate: 0.25 }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax', kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }) }));
  const args: tf.ModelCompileArgs = {
    optimizer: tf.train.adam(0.001),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  };
  model.compile(args);
  return model;
}
export function functional(): tf.LayersModel {
  const input: tf.SymbolicTensor = tf.input({ shape: [784] });
  const hidden = tf.layers.dense({ units: 32, activation: 'relu' }).apply(input) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 10 }).apply(hidden) as tf.SymbolicTensor;
  const joined = tf.layers.concatenate().apply([hidden, output]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: joined });
}
export async function train(model: tf.LayersModel, x: tf.Tensor4D, y: tf.Tensor2D): Promise<tf.History> {
  const callbacks: tf.CustomCallbackArgs = {
    onEpochEnd: async (epoch: number, logs?: tf.Logs) => {
      console.log(epoch, logs?.loss, logs?.acc);
      await tf.nextFrame();
    },
    onBatchEnd: async (batch, logs) => console.log(batch, logs?.loss),
  };
  const args: tf.ModelFitArgs = { epochs: 2, batchSize: 32, validationSplit: 0.1, shuffle: true, callbacks };
  const history = await model.fit(x, y, args);
  await model.fit(x, y, { callbacks: [tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 2 })], verbose: 0 });
  const last = history.history.loss[0] as number;
  const predicted = model.predict(x) as tf.Tensor;
  const best: tf.Tensor1D = predicted.argMax(-1) as tf.Tensor1D;
  const [lossValue, accuracy] = model.evaluate(x, y) as tf.Scalar[];
  console.log(last, best.dataSync(), lossValue.dataSync()[0], accuracy.dataSync()[0]);
  const result = await model.trainOnBatch(x, y);
  console.log(result, model.layers[0].getWeights()[0].shape, model.inputs[0].shape[1]);
  model.setWeights(model.getWeights());
  model.summary();
  return history;
}

// Layers of one's own.
export class Square extends tf.layers.Layer {
  static className = 'Square';
  computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
  call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.square(Array.isArray(inputs) ? inputs[0] : inputs));
  }
  getClassName(): string {
    return 'Square';
  }
}
tf.serialization.registerClass(Square);
export class Early extends tf.Callback {
  async onEpochEnd(_epoch: number, logs?: tf.Logs): Promise<void> {
    if (logs && logs.loss < 0.1 && this.model) this.model.stopTraining = true;
  }
}

// Datasets.
export async function data(model: tf.LayersModel): Promise<void> {
  const set: tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }> = tf.data
    .generator(function* () {
      yield { xs: tf.tensor1d([1]), ys: tf.tensor1d([2]) };
    })
    .batch(2) as tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>;
  const args: tf.ModelFitDatasetArgs<{ xs: tf.Tensor; ys: tf.Tensor }> = { epochs: 1 };
  await model.fitDataset(set, args);
  await set.take(1).forEachAsync((e) => console.log(e.xs.shape));
}

// Housekeeping.
export async function start(): Promise<void> {
  await tf.setBackend('wasm');
  await tf.ready();
  tf.enableProdMode();
  const info: tf.MemoryInfo = tf.memory();
  const timing: tf.TimingInfo = await tf.time(() => tf.ones([2]).square());
  const epsilon = tf.backend().epsilon();
  tf.util.assert(info.numTensors >= 0, () => 'no tensors');
  tf.util.shuffle([1, 2, 3]);
  console.log(timing.wallMs, epsilon, tf.util.sizeFromShape([2, 3]), tf.getBackend(), tf.env().getBool('DEBUG'));
  const pixels: tf.Tensor3D = tf.browser.fromPixels(new ImageData(1, 1));
  await tf.browser.toPixels(pixels, document.createElement('canvas'));
  tf.engine().startScope();
  tf.engine().endScope();
}

export function slower(optimizer: tf.train.AdamOptimizer): number {
  optimizer.learningRate /= 2;
  return optimizer.learningRate;
}
