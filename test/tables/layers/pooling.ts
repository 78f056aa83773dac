/** Rows of poolings, padding, cropping and upsampling. */
import type { LayerCase } from './case';

type Config = Readonly<Record<string, unknown>>;

const rows = (layer: string, inputs: readonly number[], configs: readonly Config[], tf = true): LayerCase[] =>
  configs.map((config) => ({ layer, config, inputs: [inputs], tf }));
/** Rows of which TensorFlow.js has the gradients wrong. */
const values = (layer: string, inputs: readonly number[], configs: readonly Config[]): LayerCase[] =>
  rows(layer, inputs, configs).map((row) => ({ ...row, tfGradient: false }));

const signal = [7, 3];
const image = [6, 5, 2];
const volume = [4, 5, 3, 2];

const poolings = (kind: string): LayerCase[] => [
  ...rows(`${kind}Pooling1d`, signal, [{}, { poolSize: [2], strides: [3] }]),
  ...values(`${kind}Pooling1d`, signal, [{ poolSize: 3, strides: 1, padding: 'same' }]),
  // TensorFlow.js knows the format only of images and volumes.
  ...rows(`${kind}Pooling1d`, signal, [{ poolSize: 2, dataFormat: 'channelsFirst' }], false),
  ...rows(`${kind}Pooling2d`, image, [
    {},
    { poolSize: [3, 2], strides: [2, 1], padding: 'valid' },
    { poolSize: 2, dataFormat: 'channelsFirst', strides: 2 },
  ]),
  // Gradients of avgPool 'same' are wrong there.
  ...values(`${kind}Pooling2d`, image, [{ poolSize: 3, strides: 2, padding: 'same' }]),
  // And those of poolings of volumes.
  ...values(`${kind}Pooling3d`, volume, [
    {},
    { poolSize: [2, 3, 1], strides: [2, 1, 3] },
    { poolSize: 3, padding: 'same' },
  ]),
  ...values(`${kind}Pooling3d`, [2, 4, 3, 4], [{ dataFormat: 'channelsFirst' }]),
];

const globals = (kind: string): LayerCase[] => [
  { layer: `${kind}1d`, inputs: [signal] },
  { layer: `${kind}2d`, inputs: [image], config: {} },
  { layer: `${kind}2d`, inputs: [image], config: { dataFormat: 'channelsFirst' } },
  { layer: `${kind}3d`, inputs: [volume] },
  ...rows(`${kind}1d`, signal, [{ keepdims: true }, { dataFormat: 'channelsFirst', keepdims: true }], false),
  ...rows(`${kind}2d`, image, [{ keepdims: true }], false),
  ...rows(`${kind}3d`, volume, [{ keepdims: true, dataFormat: 'channelsFirst' }], false),
];

export const poolingLayers: readonly LayerCase[] = [
  ...poolings('max'),
  ...poolings('average'),
  ...globals('globalMaxPooling'),
  ...globals('globalAveragePooling'),
  ...rows('zeroPadding1d', signal, [{}, { padding: 2 }, { padding: [0, 3], dataFormat: 'channelsFirst' }]),
  ...rows('zeroPadding2d', image, [
    {},
    { padding: 2 },
    {
      padding: [
        [1, 0],
        [2, 3],
      ],
    },
    { padding: [2, 1] },
    { padding: 1, dataFormat: 'channelsFirst' },
  ]),
  ...rows('zeroPadding3d', volume, [
    {},
    {
      padding: [
        [0, 1],
        [2, 0],
        [1, 1],
      ],
    },
    { padding: [1, 2, 0] },
  ]),
  ...rows('cropping1d', signal, [{}, { cropping: 2 }, { cropping: [0, 3] }]),
  ...rows('cropping2D', image, [
    {
      cropping: [
        [1, 0],
        [2, 1],
      ],
    },
    {
      cropping: [
        [0, 0],
        [0, 0],
      ],
    },
  ]),
  ...rows(
    'cropping2d',
    image,
    [
      { cropping: 1 },
      { cropping: [2, 1] },
      {
        cropping: [
          [1, 2],
          [0, 1],
        ],
        dataFormat: 'channelsFirst',
      },
    ],
    false,
  ),
  ...rows('cropping3d', volume, [
    {},
    {
      cropping: [
        [1, 0],
        [2, 1],
        [0, 0],
      ],
    },
  ]),
  ...rows('upSampling1d', signal, [{}, { size: 3 }, { size: 2, dataFormat: 'channelsFirst' }]),
  // The gradient of its resizing is wrong there.
  ...values('upSampling2d', image, [{ size: [2, 3] }, { size: [1, 2], dataFormat: 'channelsFirst' }]),
  // TensorFlow.js interpolates between the corners of pixels, Keras between their centers.
  ...rows('upSampling2d', image, [{ size: [2, 3], interpolation: 'bilinear' }], false),
  ...rows('upSampling3d', volume, [{}, { size: [3, 1, 2] }, { interpolation: 'bilinear' }]),
];
