// One hidden layer approximates any continuous function, the better the wider it is (Cybenko, 1989).
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP with one hidden layer',
  section: '4.3 The Universal Approximation Theorem',
  data: 'sin 2πx + ½ sin 5πx on [-1, 1]',
  metric: 'largest error of 64 neurons',
  atMost: 0.03,
};
const WIDTHS = [1, 2, 4, 8, 16, 32, 64];

const f = (x) =>
  x
    .mul(2 * Math.PI)
    .sin()
    .add(
      x
        .mul(5 * Math.PI)
        .sin()
        .mul(0.5),
    );

function network(width, epochs) {
  const steep = sg.initializers.randomUniform({ minval: -8, maxval: 8 }); // bends as sharp as the function's
  const model = sg.sequential();
  const first = { inputShape: [1], kernelInitializer: steep, biasInitializer: steep };
  model.add(sg.layers.dense({ units: width, activation: 'tanh', ...first }));
  model.add(sg.layers.dense({ units: 1 }));
  model.compile({ optimizer: sg.train.adam(sg.schedules.cosineDecay(0.02, epochs)), loss: 'meanSquaredError' });
  return model;
}

await example(about, async ({ pick, draw }) => {
  const x = sg.linspace(-1, 1, 256).expandDims(1);
  const y = f(x);
  const epochs = pick(6000, 100);
  const [fits, errors, models] = [{}, [], []];
  for (const width of WIDTHS) {
    // Small networks may get stuck: the best of three starts.
    const trials = [];
    for (const seed of pick([1, 2, 3], [1])) {
      sg.setSeed(seed);
      const model = network(width, epochs);
      await model.fit(x, y, { epochs, batchSize: 256, shuffle: false, verbose: 0 });
      const fit = model.predict(x, { batchSize: 256 });
      trials.push({ model, fit, error: fit.sub(y).abs().max().dataSync()[0] });
    }
    const best = trials.reduce((a, b) => (b.error < a.error ? b : a));
    fits[`${width} neurons`] = best.fit.flatten();
    errors.push(best.error);
    models.push(best.model);
    console.log(`${String(width).padStart(3)} neurons: largest error ${best.error.toFixed(4)}`);
  }
  const shown = ['2 neurons', '4 neurons', '8 neurons', '16 neurons'];
  const curves = shown.map((name) => ({ name, x: x.flatten(), y: fits[name] }));
  curves.push({ name: 'f', x: x.flatten(), y: y.flatten(), dashed: true });
  const title = 'One hidden layer of tanh';
  await draw('fits', vis.lines(curves, { title, xLabel: 'x', yLabel: 'f(x)', width: 640 }));
  const scales = { xScale: 'log', yScale: 'log', xLabel: 'neurons', yLabel: 'largest error' };
  const line = { name: 'largest error', x: WIDTHS, y: errors };
  await draw('error-by-width', vis.lines([line], { title: 'The wider, the closer', ...scales }));
  return { reached: errors.at(-1), learned: models };
});
