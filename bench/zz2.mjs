import * as sg from 'samegrad';
import * as data from './data.mjs';
import { trainEncoder } from './encoder.mjs';

const params = { x: [16, 64, 128], layers: 1, heads: 4, hidden: 512 };
const r = await trainEncoder(sg, params);
const x = sg.tensor(data.input(params.x), params.x);
const p = (t) => console.log(Array.from(t.dataSync().slice(0, 5)), t.sum().dataSync()[0]);
const L = r.model.layers;
console.log(L.map((l) => l.name).join(' '));
const mha = L.find((l) => /multi/.test(l.name));
const a = mha.apply([x, x]);
p(a);
const n = L.find((l) => l.name === 'normalization').apply(x.add(a));
p(n);
p(r.model.predict(x));
