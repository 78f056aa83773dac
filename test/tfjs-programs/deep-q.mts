// Q-learning on a line of cells: replay memory, a target network, variableGrads and Huber's loss.
import * as tf from '@tensorflow/tfjs';

let seed = 123;
const random = (): number => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
};
const randomInteger = (below: number): number => Math.floor(random() * below);

const CELLS = 8;
type Step = [state: number, action: number, reward: number, done: boolean, next: number];

class ReplayMemory {
  private readonly buffer: Array<Step | null> = [];
  private index = 0;
  length = 0;
  constructor(readonly maxLen: number) {
    for (let i = 0; i < maxLen; ++i) this.buffer.push(null);
  }
  append(item: Step): void {
    this.buffer[this.index] = item;
    this.length = Math.min(this.length + 1, this.maxLen);
    this.index = (this.index + 1) % this.maxLen;
  }
  sample(size: number): Step[] {
    return Array.from({ length: size }, () => this.buffer[randomInteger(this.length)] as Step);
  }
}

function createNetwork(): tf.LayersModel {
  const model = tf.sequential();
  model.add(tf.layers.conv1d({ filters: 6, kernelSize: 3, activation: 'relu', inputShape: [CELLS, 1] }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 16, activation: 'relu' }));
  model.add(tf.layers.dropout({ rate: 0 }));
  model.add(tf.layers.dense({ units: 2 }));
  return model;
}

function copyWeights(target: tf.LayersModel, source: tf.LayersModel): void {
  let isChanged = false;
  if (target.trainable !== source.trainable) {
    isChanged = true;
    target.trainable = source.trainable;
  }
  target.setWeights(source.getWeights());
  if (isChanged) target.trainable = !source.trainable;
}

function stateTensor(states: number[]): tf.Tensor3D {
  const buffer = tf.buffer([states.length, CELLS, 1]);
  states.forEach((s, i) => buffer.set(1, i, s, 0));
  return buffer.toTensor() as tf.Tensor3D;
}

class Agent {
  readonly online = createNetwork();
  readonly target = createNetwork();
  readonly memory = new ReplayMemory(200);
  readonly optimizer: tf.Optimizer = tf.train.adam(0.01);
  private state = 3;
  private frame = 0;
  constructor() {
    this.online.setWeights(
      this.online.getWeights().map((w) =>
        tf.tensor(
          Array.from({ length: w.size }, () => random() - 0.5),
          w.shape,
        ),
      ),
    );
    this.target.trainable = false;
    copyWeights(this.target, this.online);
  }

  playStep(): void {
    const epsilon = Math.max(0.1, 1 - this.frame++ / 100);
    let action = 0;
    if (random() < epsilon) action = randomInteger(2);
    else
      tf.tidy(() => {
        action = (this.online.predict(stateTensor([this.state])) as tf.Tensor).argMax(-1).dataSync()[0];
      });
    const next = this.state + (action === 0 ? -1 : 1);
    const isDone = next === 0 || next === CELLS - 1;
    this.memory.append([this.state, action, next === 0 ? -1 : isDone ? 1 : -0.05, isDone, next]);
    this.state = isDone ? 1 + randomInteger(CELLS - 2) : next;
  }

  trainOnReplayBatch(batchSize: number, gamma: number): number {
    const batch = this.memory.sample(batchSize);
    const lossFunction = () =>
      tf.tidy(() => {
        const actions = tf.tensor1d(
          batch.map((s) => s[1]),
          'int32',
        );
        const qs = (this.online.apply(stateTensor(batch.map((s) => s[0])), { training: true }) as tf.Tensor)
          .mul(tf.oneHot(actions, 2))
          .sum(-1);
        const rewards = tf.tensor1d(batch.map((s) => s[2]));
        const nextMax = (this.target.predict(stateTensor(batch.map((s) => s[4]))) as tf.Tensor).max(-1);
        const mask = tf.scalar(1).sub(tf.tensor1d(batch.map((s) => s[3])).asType('float32'));
        return tf.losses.huberLoss(rewards.add(nextMax.mul(mask).mul(gamma)), qs).asScalar();
      });
    const { value, grads } = tf.variableGrads(lossFunction);
    this.optimizer.applyGradients(grads);
    const loss = value.dataSync()[0];
    tf.dispose(grads);
    value.dispose();
    return loss;
  }
}

const agent = new Agent();
for (let i = 0; i < 60; i++) agent.playStep();
for (let step = 0; step < 40; step++) {
  agent.playStep();
  console.log('loss', agent.trainOnReplayBatch(16, 0.95));
  if (step % 10 === 9) copyWeights(agent.target, agent.online);
}
const values = tf.tidy(() => agent.online.predict(stateTensor([1, 3, 6])) as tf.Tensor);
console.log('values', ...Array.from(await values.data()));
values.dispose();
