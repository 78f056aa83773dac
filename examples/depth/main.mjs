// A mountain from its map: the network knows two coordinates and tells the height. Deep or shallow, it has about the same
// number of weights; layers that build on each other draw more with them.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { volcano } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '4.1 What Makes a Neural Network "Deep"?',
  data: 'heights of Maunga Whau',
  metric: 'error of the deep network, of the shallow one',
  atMost: 0.5,
};
/** Units of the hidden layers. */
const NETS = { shallow: [825], deep: [32, 32, 32, 32] };

function network(widths) {
  const model = sg.sequential();
  widths.forEach((units, i) => {
    const inputs = i === 0 ? { inputShape: [2] } : {};
    model.add(sg.layers.dense({ units, activation: 'relu', kernelInitializer: 'heNormal', ...inputs }));
  });
  model.add(sg.layers.dense({ units: 1 }));
  return model;
}

/** Places on the map, [-1, 1] from edge to edge. */
function places(rows, columns) {
  const [y, x] = [sg.linspace(-1, 1, rows), sg.linspace(-1, 1, columns)];
  return sg.stack([sg.tile(x, [rows]), sg.tile(y.expandDims(1), [1, columns]).flatten()], 1);
}

await example(about, async ({ pick, draw }) => {
  const heights = volcano();
  const [rows, columns] = heights.shape;
  const scaler = sg.preprocessing.standardScaler();
  const [x, y] = [places(rows, columns), scaler.fitTransform(heights.reshape([-1, 1]))];
  const [epochs, batchSize] = [pick(60, 2), 64];
  const steps = epochs * Math.ceil((rows * columns) / batchSize);
  const [errors, maps, models, curves] = [{}, [heights], [], []];
  for (const [name, widths] of Object.entries(NETS)) {
    sg.setSeed(2016);
    const model = network(widths);
    model.compile({ optimizer: sg.train.adam(sg.schedules.cosineDecay(0.005, steps)), loss: 'meanSquaredError' });
    const { history } = await model.fit(x, y, { epochs, batchSize, verbose: 0 });
    const found = scaler.inverseTransform(model.predict(x, { batchSize: 1000 })).reshape([rows, columns]);
    errors[name] = found.sub(heights).square().mean().sqrt().dataSync()[0];
    console.log(`${name.padEnd(7)} ${model.countParams()} weights, error ${errors[name].toFixed(2)} m`);
    maps.push(found);
    models.push(model);
    curves.push({ name, y: history.loss });
  }
  const titles = ['the mountain', ...Object.keys(NETS).map((name) => `${name}: ${errors[name].toFixed(1)} m off`)];
  const range = [94, 195];
  const picture = { title: 'Heights of Maunga Whau', titles, range, coloring: 'viridis', columns: 3, width: 720 };
  await draw('maps', vis.images(sg.stack(maps), picture));
  await draw('losses', vis.lines(curves, { title: 'Training', xLabel: 'epoch', yLabel: 'loss', yScale: 'log' }));
  return { reached: errors.deep / errors.shallow, learned: models };
});
