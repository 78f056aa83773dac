// A network learns to balance a pole by trying: what it did in runs that lasted becomes more likely (REINFORCE,
// Williams, 1992). Sixteen carts run at once.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { compiled, LIMIT, linesOf, mean, run } from '../support/cart-pole.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'Policy gradient',
  section: '1.3 Types of Machine Learning (Reinforcement Learning)',
  data: 'cart-pole, by its physics',
  metric: 'mean steps balanced, of 500',
  atLeast: 475,
};
const [CARTS, DISCOUNT] = [16, 0.99];

/** What follows each step of each cart, discounted, against what follows on average; 0 for poles that are down. */
function advantages({ lengths }) {
  const after = new Float64Array(LIMIT + 1); // with so many steps to come
  for (let i = 1; i <= LIMIT; i++) after[i] = 1 + DISCOUNT * after[i - 1];
  const isUp = Array.from({ length: LIMIT * CARTS }, (_, i) => Math.floor(i / CARTS) < lengths[i % CARTS]);
  const gains = isUp.map((up, i) => (up ? after[lengths[i % CARTS] - Math.floor(i / CARTS)] : 0));
  const count = isUp.filter(Boolean).length;
  const average = gains.reduce((a, b) => a + b, 0) / count;
  const spread = Math.sqrt(
    gains.reduce((sum, gain, i) => sum + (isUp[i] ? (gain - average) * (gain - average) : 0), 0) / count,
  );
  return gains.map((gain, i) => (isUp[i] ? (gain - average) / (spread + 1e-8) / count : 0));
}

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1992);
  const policy = sg.sequential();
  policy.add(sg.layers.dense({ units: 32, activation: 'tanh', inputShape: [4] }));
  policy.add(sg.layers.dense({ units: 2 }));
  const tryOut = compiled((state) => sg.multinomial(policy.apply(state), 1).flatten());
  const best = compiled((state) => policy.apply(state).argMax(1));

  const optimizer = sg.train.adam(0.01);
  const learn = sg.jit((states, actions, gains) =>
    optimizer.minimize(() => {
      const chosen = sg.oneHot(actions, 2).mul(policy.apply(states).logSoftmax()).sum(1);
      return chosen.mul(gains).sum().neg();
    }),
  );
  /** Lists of steps as one tensor, as long as the longest run could be. */
  const joined = (steps, width, dtype) => {
    const all = new (dtype === 'int32' ? Int32Array : Float32Array)(LIMIT * CARTS * width);
    steps.forEach((values, i) => {
      all.set(values, i * CARTS * width);
    });
    return sg.tensor(all, width > 1 ? [LIMIT * CARTS, width] : [LIMIT * CARTS], dtype);
  };

  const returns = [];
  const rounds = pick(80, 3);
  for (let round = 1; round <= rounds; round++)
    sg.tidy(() => {
      const found = run(tryOut, CARTS);
      learn(joined(found.states, 4), joined(found.actions, 1, 'int32'), sg.tensor1d(advantages(found)));
      returns.push(mean(found.lengths));
      if (round % 10 === 0) console.log(`round ${round}: ${mean(found.lengths).toFixed(0)} steps`);
    });

  const { lengths } = sg.tidy(() => run(best, 20));
  const balanced = sg.tidy(() => run(best, 1));
  const axes = { xLabel: 'round of 16 runs', yLabel: 'steps until the pole falls' };
  await draw('returns', vis.lines({ mean: returns }, { title: 'Learning to balance a pole', ...axes, zero: true }));
  const seconds = { xLabel: 'time (s)', yLabel: 'metres, radians' };
  await draw('balance', vis.lines(linesOf(balanced), { title: 'A run of the network that was learned', ...seconds }));
  return { reached: mean(lengths), learned: policy };
});
