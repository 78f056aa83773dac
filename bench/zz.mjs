import * as sg from 'samegrad';
import * as data from './data.mjs';
import { trainEncoder } from './encoder.mjs';

const params = { x: [16, 64, 128], layers: 1, heads: 4, hidden: 512 };
const { model } = await trainEncoder(sg, params);
const x = sg.tensor(data.input(params.x), params.x);
const y = sg.tensor(data.targets(16)[0], [16, 10]);
console.log(model.describeStep('train', x, y));
