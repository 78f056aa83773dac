import { init, nn, numpy as np } from '@jax-js/jax';

await init('wasm');
const layer = (rows, columns) => [np.ones([rows, columns]), np.zeros([columns])];
const [[w1, b1], [w2, b2]] = [layer(784, 128), layer(128, 10)];
const h = nn.relu(np.matmul(np.ones([1, 784]), w1).add(b1));
nn.softmax(np.matmul(h, w2).add(b2), -1).dataSync();
