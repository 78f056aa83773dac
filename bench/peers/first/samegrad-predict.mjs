import * as sg from 'samegrad/predict';

const model = sg.sequential();
model.add(sg.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }));
model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
model.predict(sg.tensor(new Float32Array(784).fill(1), [1, 784])).dataSync();
