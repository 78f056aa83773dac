import sg = require('samegrad');

import { ones } from 'samegrad';

const t: sg.Tensor = ones([2]).add(1);
const model: sg.Sequential = sg.sequential();
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
export = { t, model };
