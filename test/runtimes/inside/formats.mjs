// Every format of one file, written, read again and hashed: the same bytes and the same predictions in all runtimes.
function make(sg) {
  const { layers } = sg;
  const kernelInitializer = (seed) => sg.initializers.glorotUniform({ seed });
  const model = sg.sequential({
    name: 'small',
    layers: [
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        inputShape: [6, 6, 1],
        kernelInitializer: kernelInitializer(1),
        name: 'a',
      }),
      layers.batchNormalization({ name: 'b' }),
      layers.flatten({ name: 'c' }),
      layers.dense({ units: 4, activation: 'softmax', kernelInitializer: kernelInitializer(2), name: 'd' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

// y = relu(x · kernel) · 2, as TensorFlow.js' converter writes it.
function graph(sg) {
  const float = { type: 'DT_FLOAT' };
  const shape = { shape: { dim: [{ size: '-1' }, { size: '2' }] } };
  const modelTopology = {
    node: [
      { name: 'x', op: 'Placeholder', attr: { dtype: float, shape } },
      { name: 'kernel', op: 'Const', attr: { dtype: float } },
      { name: 'factor', op: 'Const', attr: { dtype: float } },
      { name: 'product', op: 'MatMul', input: ['x', 'kernel'], attr: { T: float } },
      { name: 'active', op: 'Relu', input: ['product'], attr: { T: float } },
      { name: 'y', op: 'Mul', input: ['active', 'factor'], attr: { T: float } },
    ],
  };
  const weightSpecs = [
    { name: 'kernel', shape: [2, 3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: -3 } },
    { name: 'factor', shape: [], dtype: 'float32' },
  ];
  const weightData = [Uint8Array.of(0, 10, 20, 30, 40, 50).buffer, Float32Array.of(2).buffer];
  return sg.loadGraphModel(sg.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}

/** What went in and came out of files of arrays, by name. */
async function arrays(sg, x) {
  const npz = await sg.io.encodeNpz({ x, whole: x.cast('int32') }, { dtype: { x: 'float16', whole: 'int64' } });
  const safetensors = await sg.io.encodeSafetensors({ x, y: x.greater(1) }, { dtype: { x: 'bfloat16' } });
  const file = await sg.io.openSafetensors(new Blob([safetensors]));
  const read = { ...(await sg.io.loadNpz(npz)), y: await file.getTensor('y'), z: await file.getTensor('x') };
  return [npz, safetensors, ...Object.values(read).map((t) => t.dataSync())];
}

const bytesOf = (part) => new Uint8Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength));

async function sha256(parts) {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(bytesOf(part), at);
    at += part.byteLength;
  }
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', all));
  return Array.from(digest.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** @returns a hash of each format; @throws if a model that was read predicts otherwise than the one that was written */
export async function formats(sg) {
  const model = make(sg);
  const x = sg.range(0, 72, 1).div(72).reshape([2, 6, 6, 1]);
  const y = sg.tensor2d([
    [1, 0, 0, 0],
    [0, 0, 1, 0],
  ]);
  await model.trainOnBatch(x, y);
  const found = {};
  const expected = model.predict(x).dataSync();
  for (const format of ['safetensors', 'keras', 'h5']) {
    const bytes = await sg.io.toBytes(model, { format, includeOptimizer: true });
    const copy = await sg.loadModel(bytes);
    const outputs = copy.predict(x).dataSync();
    if (outputs.join() !== expected.join()) throw new Error(`${format}: predictions ${outputs} instead of ${expected}`);
    const [loss] = await copy.trainOnBatch(x, y);
    found[format] = await sha256([
      bytes,
      outputs,
      Float32Array.of(loss),
      ...copy.getWeights().map((w) => w.dataSync()),
    ]);
    copy.dispose();
  }
  const nodes = await graph(sg);
  found.graph = await sha256([
    nodes
      .predict(
        sg.tensor2d([
          [1, 2],
          [3, -4],
        ]),
      )
      .dataSync(),
  ]);
  found.arrays = await sha256(await arrays(sg, sg.tensor1d([0.1, 1.5, -3])));
  model.dispose();
  return found;
}
