// Policy gradients on a cart with a pole: gradients of each step are kept, weighted by rewards and averaged.
import * as tf from '@tensorflow/tfjs';

let seed = 77;
const random = (): number => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
};

class CartPole {
  private x = 0;
  private xDot = 0;
  private theta = 0;
  private thetaDot = 0;

  setRandomState(): void {
    this.x = random() - 0.5;
    this.xDot = (random() - 0.5) * 0.5;
    this.theta = (random() - 0.5) * 2 * ((6 / 360) * 2 * Math.PI);
    this.thetaDot = (random() - 0.5) * 0.5;
  }

  getStateTensor(): tf.Tensor2D {
    return tf.tensor2d([[this.x, this.xDot, this.theta, this.thetaDot]]);
  }

  update(action: number): boolean {
    const force = action > 0 ? 10 : -10;
    const [cos, sin] = [Math.cos(this.theta), Math.sin(this.theta)];
    const temp = (force + 0.05 * this.thetaDot ** 2 * sin) / 1.1;
    const thetaAcc = (9.8 * sin - cos * temp) / (0.5 * (4 / 3 - (0.1 * cos ** 2) / 1.1));
    const xAcc = temp - (0.05 * thetaAcc * cos) / 1.1;
    this.x += 0.02 * this.xDot;
    this.xDot += 0.02 * xAcc;
    this.theta += 0.02 * this.thetaDot;
    this.thetaDot += 0.02 * thetaAcc;
    return Math.abs(this.x) > 2.4 || Math.abs(this.theta) > (12 / 360) * 2 * Math.PI;
  }
}

type Gradients = { [name: string]: tf.Tensor[][] };

class PolicyNetwork {
  readonly model: tf.Sequential;
  private readonly oneTensor: tf.Scalar = tf.scalar(1);
  private currentActions: number[] = [];

  constructor(hiddenLayerSizes: number | number[]) {
    const sizes = Array.isArray(hiddenLayerSizes) ? hiddenLayerSizes : [hiddenLayerSizes];
    this.model = tf.sequential();
    sizes.forEach((units, i) => {
      this.model.add(tf.layers.dense({ units, activation: 'elu', inputShape: i === 0 ? [4] : undefined }));
    });
    this.model.add(tf.layers.dense({ units: 1 }));
    this.model.setWeights(
      this.model.getWeights().map((w) =>
        tf.tensor(
          Array.from({ length: w.size }, () => (random() - 0.5) * 0.6),
          w.shape,
        ),
      ),
    );
  }

  async train(
    cart: CartPole,
    optimizer: tf.Optimizer,
    discount: number,
    games: number,
    maxSteps: number,
  ): Promise<number[]> {
    const allGradients: Gradients = {};
    const allRewards: number[][] = [];
    const gameSteps: number[] = [];
    for (let i = 0; i < games; ++i) {
      cart.setRandomState();
      const gameRewards: number[] = [];
      const gameGradients: { [name: string]: tf.Tensor[] } = {};
      for (let j = 0; j < maxSteps; ++j) {
        const gradients = tf.tidy(() => {
          const inputTensor = cart.getStateTensor();
          return this.getGradientsAndSaveActions(inputTensor).grads;
        });
        for (const key in gradients) {
          if (key in gameGradients) gameGradients[key].push(gradients[key]);
          else gameGradients[key] = [gradients[key]];
        }
        const isDone = cart.update(this.currentActions[0]);
        if (isDone || j === maxSteps - 1) {
          gameRewards.push(0);
          break;
        }
        gameRewards.push(1);
      }
      gameSteps.push(gameRewards.length);
      for (const key in gameGradients) {
        if (key in allGradients) allGradients[key].push(gameGradients[key]);
        else allGradients[key] = [gameGradients[key]];
      }
      allRewards.push(gameRewards);
      await tf.nextFrame();
    }
    tf.tidy(() => {
      const normalized = normalizeRewards(allRewards, discount);
      optimizer.applyGradients(averageGradients(allGradients, normalized));
    });
    tf.dispose(allGradients);
    return gameSteps;
  }

  private getGradientsAndSaveActions(inputTensor: tf.Tensor) {
    const f = (): tf.Scalar =>
      tf.tidy(() => {
        const [logits, actions] = this.getLogitsAndActions(inputTensor);
        this.currentActions = actions.dataSync() as unknown as number[];
        const labels = tf.sub(1, tf.tensor2d(Array.from(this.currentActions), actions.shape as [number, number]));
        return tf.losses.sigmoidCrossEntropy(labels, logits).asScalar();
      });
    return tf.variableGrads(f);
  }

  private getLogitsAndActions(inputs: tf.Tensor): [tf.Tensor, tf.Tensor] {
    return tf.tidy(() => {
      const logits = this.model.predict(inputs) as tf.Tensor;
      const leftProb = tf.sigmoid(logits);
      const leftRightProbs = tf.concat([leftProb, tf.sub(this.oneTensor, leftProb)], 1);
      const [left] = Array.from(leftRightProbs.dataSync());
      const actions = tf.tensor2d([[random() < left ? 0 : 1]], [1, 1], 'int32');
      return [logits, actions];
    });
  }
}

function discountRewards(rewards: number[], discount: number): tf.Tensor1D {
  const buffer = tf.buffer([rewards.length]);
  let previous = 0;
  for (let i = rewards.length - 1; i >= 0; --i) {
    previous = discount * previous + rewards[i];
    buffer.set(previous, i);
  }
  return buffer.toTensor() as tf.Tensor1D;
}

function normalizeRewards(sequences: number[][], discount: number): tf.Tensor[] {
  return tf.tidy(() => {
    const discounted = sequences.map((rewards) => discountRewards(rewards, discount));
    const { mean, variance } = tf.moments(tf.concat(discounted));
    return discounted.map((rewards) => rewards.sub(mean).div(variance.sqrt()));
  });
}

function averageGradients(all: Gradients, rewards: tf.Tensor[]): tf.NamedTensorMap {
  return tf.tidy(() => {
    const averages: tf.NamedTensorMap = {};
    for (const name in all) {
      averages[name] = tf.tidy(() => {
        const stacked = all[name].map((game) => tf.stack(game));
        const shape = rewards.map((r, g) => r.reshape([r.size, ...stacked[g].shape.slice(1).map(() => 1)]));
        return tf.mean(
          tf.concat(
            stacked.map((g, i) => g.mul(shape[i])),
            0,
          ),
          0,
        );
      });
    }
    return averages;
  });
}

const cart = new CartPole();
const policy = new PolicyNetwork([6, 4]);
const optimizer = tf.train.adam(0.05);
for (let iteration = 0; iteration < 6; iteration++) {
  const steps = await policy.train(cart, optimizer, 0.95, 4, 60);
  const norm = tf.tidy(() => tf.addN(policy.model.getWeights().map((w) => w.square().sum())).sqrt());
  console.log('steps', ...steps, 'norm', (await norm.data())[0]);
  norm.dispose();
}
