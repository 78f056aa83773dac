/** A convolution of an image without channels: all sums are empty. Prints the result. */

import { conv2d } from '../../../src/ops/conv/convolution';
import { zeros } from '../../../src/ops/create/creation';

console.log(JSON.stringify([...conv2d(zeros([1, 3, 3, 0]), zeros([2, 2, 0, 2]), 1, 'valid').dataSync()]));
