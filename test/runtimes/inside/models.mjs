// Models saved and loaded in every place that a runtime has: the same predictions, and the same next step.
function make(sg) {
  const { layers } = sg;
  const model = sg.sequential({
    layers: [
      layers.dense({ units: 5, activation: 'relu', inputShape: [3] }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

async function inMemory(sg, model) {
  let kept;
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    kept = artifacts;
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, { includeOptimizer: true });
  return { kept, copy: await sg.loadModel(sg.io.fromMemory(kept)) };
}

/** In IndexedDB or local storage: saved, listed, moved, loaded, removed. */
async function stored(sg, model, scheme) {
  const [first, second] = [`${scheme}://samegrad-first`, `${scheme}://samegrad-second`];
  await model.save(first, { includeOptimizer: true });
  await sg.io.copyModel(first, second);
  await sg.io.removeModel(first);
  const names = Object.keys(await sg.io.listModels()).filter((name) => name.startsWith(scheme));
  if (names.join() !== second) throw new Error(`listModels: ${names}`);
  const copy = await sg.loadModel(second);
  await sg.io.moveModel(second, first);
  await sg.io.removeModel(first);
  const left = await sg.loadModel(first).catch((error) => error);
  if (!(left instanceof sg.ArgumentError)) throw new Error(`${first} is there after it was removed`);
  return copy;
}

/** As a user of a page saves files, and chooses them. */
async function downloaded(sg, model) {
  const files = new Map();
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () {
    files.set(
      this.download,
      fetch(this.href).then((response) => response.blob()),
    );
  };
  try {
    await model.save('downloads://mine', { includeOptimizer: true });
  } finally {
    HTMLAnchorElement.prototype.click = click;
  }
  const chosen = ['mine.json', 'mine.weights.bin'].map(async (name) => new File([await files.get(name)], name));
  return sg.loadModel(sg.io.browserFiles(await Promise.all(chosen)));
}

async function filed(sg, model) {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('samegrad-models-');
  try {
    await model.save(`${folder}/one`, { includeOptimizer: true });
    await model.save(`${folder}/two.safetensors`, { includeOptimizer: true });
    return [await sg.loadModel(`file://${folder}/one/model.json`), await sg.loadModel(`${folder}/two.safetensors`)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @throws if a copy differs from its model; @returns the places */
export async function models(sg) {
  const [x, y] = [sg.ones([4, 3]), sg.zeros([4, 1])];
  const model = make(sg);
  await model.trainOnBatch(x, y);
  const copies = { bytes: await sg.loadModel(await sg.io.toBytes(model, { includeOptimizer: true })) };
  const { kept, copy } = await inMemory(sg, model);
  copies.memory = copy;
  if (globalThis.document) {
    copies.indexeddb = await stored(sg, model, 'indexeddb');
    copies.localstorage = await stored(sg, model, 'localstorage');
    copies.downloads = await downloaded(sg, model);
  }
  const isCommand = globalThis.process?.versions?.node && !globalThis.document && !globalThis.WebSocketPair;
  if (isCommand) [copies.folder, copies.file] = await filed(sg, model);
  const outputs = [...model.predict(x).dataSync()].join();
  const loss = await model.trainOnBatch(x, y);
  for (const [place, other] of Object.entries(copies)) {
    const found = [...other.predict(x).dataSync()].join();
    if (found !== outputs) throw new Error(`${place}: predictions ${found} instead of ${outputs}`);
    const next = await other.trainOnBatch(x, y);
    if (next !== loss) throw new Error(`${place}: the next loss is ${next} instead of ${loss}`);
    other.dispose();
  }
  model.dispose();
  if (!kept.trainingConfig) throw new Error('memory: no training was saved');
  return Object.keys(copies);
}
