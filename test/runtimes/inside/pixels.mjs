// What only a browser has: images to tensors and back. Opaque colours, as others are stored multiplied by their alpha.
const WIDTH = 3;
const HEIGHT = 2;
const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
  [255, 255, 255],
  [0, 0, 0],
];

function imageData() {
  const image = new ImageData(WIDTH, HEIGHT);
  COLOURS.forEach((rgb, i) => {
    image.data.set([...rgb, 255], 4 * i);
  });
  return image;
}

function drawn(canvas) {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  canvas.getContext('2d').putImageData(imageData(), 0, 0);
  return canvas;
}

async function picture(canvas) {
  const image = new Image();
  image.src = canvas.toDataURL('image/png');
  await image.decode();
  return image;
}

function expectColours(what, values) {
  const expected = COLOURS.flat();
  if (values.length !== expected.length || expected.some((value, i) => value !== values[i]))
    throw new Error(`${what}: [${values}] instead of [${expected}]`);
}

export async function pixels(sg) {
  const canvas = drawn(document.createElement('canvas'));
  const sources = {
    ImageData: imageData(),
    canvas,
    OffscreenCanvas: drawn(new OffscreenCanvas(WIDTH, HEIGHT)),
    ImageBitmap: await createImageBitmap(canvas),
    image: await picture(canvas),
    ...(typeof VideoFrame === 'function' && { VideoFrame: new VideoFrame(canvas, { timestamp: 0 }) }),
  };
  for (const [name, source] of Object.entries(sources)) {
    const tensor = sg.browser.fromPixels(source);
    if (`${tensor.shape}` !== `${HEIGHT},${WIDTH},3`) throw new Error(`${name}: shape [${tensor.shape}]`);
    expectColours(name, tensor.dataSync());
    const page = document.createElement('canvas');
    await sg.browser.toPixels(tensor, page);
    const { data } = page.getContext('2d').getImageData(0, 0, WIDTH, HEIGHT);
    expectColours(
      `${name}, back on a canvas`,
      [...data].filter((_, i) => i % 4 < 3),
    );
    tensor.dispose();
  }
  sources.VideoFrame?.close();
}
