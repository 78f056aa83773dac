// A Wasserstein GAN with gradient penalty (Gulrajani et al., 2017) on MNIST: the critic's loss holds the norm of the
// critic's own gradient, so each step differentiates a gradient. Written free-hand: variables, functions, sg.jit.
import * as sg from 'samegrad';
import { loadMnist } from '../mnist/data.mjs';
import { drawImages } from '../mnist/report.mjs';

const BATCH = 64;
const LATENT = 32;
const STEPS = Number(process.argv[2] ?? 1000);
/** Steps of the critic for one of the generator. */
const CRITIC_STEPS = 3;
const PENALTY = 10;

/** A network of dense layers: widths[0] inputs, leaky ReLUs between. */
function network(name, widths) {
  const weights = widths.slice(1).map((units, i) => {
    const inputs = widths[i];
    const kernel = sg.initializers.heNormal().apply([inputs, units]);
    return {
      kernel: sg.variable(kernel, true, `${name}/kernel_${i}`),
      bias: sg.variable(sg.zeros([units]), true, `${name}/bias_${i}`),
    };
  });
  return {
    variables: weights.flatMap(({ kernel, bias }) => [kernel, bias]),
    call: (x) =>
      weights.reduce((value, { kernel, bias }, i) => {
        const z = value.matMul(kernel).add(bias);
        return i < weights.length - 1 ? z.leakyRelu(0.2) : z;
      }, x),
  };
}

sg.setSeed(7);
const generator = network('generator', [LATENT, 128, 256, 784]);
const critic = network('critic', [784, 256, 128, 1]);
const generate = (count) => generator.call(sg.randomNormal([count, LATENT])).sigmoid();
const [forCritic, forGenerator] = [0, 1].map(() => sg.train.adam(2e-4, 0.5, 0.9));

/** How far the slope of the critic is from 1 on the way from real to made images. */
function penalty(real, made) {
  const mix = sg.randomUniform([BATCH, 1]);
  const between = real.mul(mix).add(made.mul(sg.sub(1, mix)));
  const slope = sg.grad((x) => critic.call(x).sum())(between);
  return slope.square().sum(1).add(1e-12).sqrt().sub(1).square().mean();
}

const criticStep = sg.jit((real) => {
  const made = sg.stopGradient(generate(BATCH));
  const distance = critic.call(real).mean().sub(critic.call(made).mean());
  const cost = () => critic.call(made).mean().sub(critic.call(real).mean()).add(penalty(real, made).mul(PENALTY));
  forCritic.minimize(cost, false, critic.variables);
  return distance;
});
const generatorStep = sg.jit(() =>
  forGenerator.minimize(() => critic.call(generate(BATCH)).mean().neg(), true, generator.variables),
);

const { train } = loadMnist(sg);
const images = train.x.reshape([-1, 784]);
const batches = Math.floor(images.shape[0] / BATCH);
const start = performance.now();
let distance = 0;
for (let i = 0, at = 0; i < STEPS; i++) {
  for (let k = 0; k < CRITIC_STEPS; k++, at = (at + 1) % batches) {
    distance = sg.tidy(() => criticStep(images.slice([at * BATCH, 0], [BATCH, 784])).dataSync()[0]);
  }
  generatorStep().dispose();
  if ((i + 1) % Math.ceil(STEPS / 10) === 0)
    console.log(`step ${String(i + 1).padStart(5)}  distance of made from real images ${distance.toFixed(3)}`);
}
const seconds = (performance.now() - start) / 1000;
const made = sg.tidy(() => generate(4).mul(255).dataSync());
console.log(drawImages(made, [0, 1, 2, 3]));
console.log(`${STEPS} steps in ${seconds.toFixed(1)} s; tensors alive: ${sg.memory().numTensors}`);
