// A network learns what each push of a cart is worth: a deep Q-network (Mnih et al., 2015) with a memory of what happened,
// from which it draws its examples, and a second network, a copy from a while ago, that says what it aims at.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { compiled, isDown, LIMIT, linesOf, mean, memory, move, run, start } from '../support/cart-pole.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'Deep Q-network',
  section: '1.3 Types of Machine Learning (Reinforcement Learning)',
  data: 'cart-pole, by its physics',
  metric: 'mean steps balanced, of 500',
  atLeast: 475,
};
const [CARTS, BATCH, DISCOUNT, COPY] = [16, 64, 0.99, 10];

/** What pushing to the left and to the right is worth. */
const network = () =>
  sg.sequential({
    layers: [
      sg.layers.rescaling({ scale: [1, 1, 10, 1], inputShape: [4] }), // angles are small numbers
      sg.layers.dense({ units: 64, activation: 'relu' }),
      sg.layers.dense({ units: 64, activation: 'relu' }),
      sg.layers.dense({ units: 2 }),
    ],
  });

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2015);
  const [model, target] = [network(), network()];
  target.setWeights(model.getWeights());
  const best = compiled((state) => model.apply(state).argMax(1));
  const explore = sg.jit((state, share) => {
    const isRandom = sg.randomUniform([CARTS]).less(share);
    const action = sg.where(isRandom, sg.randomUniformInt([CARTS], 0, 2), model.apply(state).argMax(1));
    const next = move(state, action);
    const down = isDown(next);
    const ends = down.greater(0).logicalOr(sg.randomUniform([CARTS]).less(1 / LIMIT));
    return [{ state, action, next, down }, sg.where(ends.expandDims(1), start(CARTS), next)];
  });

  const steps = pick(10000, 500);
  const optimizer = sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.002, steps) });
  const learn = sg.jit(({ state, action, next, down }) => {
    // The network chooses the next push, its copy says what that is worth (van Hasselt et al., 2016).
    const push = sg.oneHot(model.apply(next).argMax(1), 2);
    const worth = target.apply(next).mul(push).sum(1).mul(DISCOUNT);
    const aim = sg.stopGradient(sg.where(down.greater(0), -1, worth)); // a fall costs 1, all else nothing
    optimizer.minimize(() => {
      const found = model.apply(state).mul(sg.oneHot(action, 2)).sum(1);
      return sg.losses.huber(aim.expandDims(1), found.expandDims(1)).mean();
    });
  });

  const seen = memory(pick(50000, 5000));
  const progress = [];
  let [kept, most] = [model.getWeights(), 0];
  let state = start(CARTS);
  for (let step = 1; step <= steps; step++) {
    const [happened, after] = explore(state, sg.scalar(Math.max(0.02, 1 - step / 1000)));
    seen.add(happened);
    sg.tidy(() => learn(seen.draw(BATCH)));
    sg.dispose([state, happened]);
    state = after;
    if (step % COPY === 0) target.setWeights(model.getWeights());
    if (step % 500) continue;
    progress.push(mean(sg.tidy(() => run(best, 10).lengths)));
    if (progress.at(-1) >= most) [kept, most] = [model.getWeights(), progress.at(-1)];
    console.log(`step ${String(step).padStart(5)}: balances for ${progress.at(-1).toFixed(0)} steps`);
  }
  model.setWeights(kept);

  const { lengths } = sg.tidy(() => run(best, 20));
  const balanced = sg.tidy(() => run(best, 1));
  const axes = { xLabel: 'steps of training', yLabel: 'steps balanced, mean of 10 runs' };
  const series = [{ name: 'mean of 10 runs', x: progress.map((_, i) => 500 * (i + 1)), y: progress }];
  await draw('returns', vis.lines(series, { title: 'Learning to balance a pole', ...axes, zero: true }));
  const seconds = { xLabel: 'time (s)', yLabel: 'metres, radians' };
  await draw('balance', vis.lines(linesOf(balanced), { title: 'A run of the network that was learned', ...seconds }));
  return { reached: mean(lengths), learned: model };
});
