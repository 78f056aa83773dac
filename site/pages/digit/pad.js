/** A square to draw on, and what is drawn as an image like those of MNIST. */

const SIZE = 280;
const PEN = 20;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {() => void} changed called when a stroke has grown
 */
export function drawingPad(canvas, changed) {
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const clear = () => {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIZE, SIZE);
  };
  clear();
  context.lineWidth = PEN;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = '#fff';
  let last;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * SIZE) / box.width, ((event.clientY - box.top) * SIZE) / box.height];
  };
  const stroke = (event) => {
    if (!last) return;
    const next = place(event);
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(...next);
    context.stroke();
    last = next;
    changed();
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(event);
  });
  canvas.addEventListener('pointermove', stroke);
  for (const end of ['pointerup', 'pointercancel'])
    canvas.addEventListener(end, () => {
      last = undefined;
    });
  return {
    clear,
    /** Draws the strokes of a digit: lists of points in [0, 1]. */
    write(strokes) {
      clear();
      for (const points of strokes) {
        context.beginPath();
        for (const [x, y] of points) context.lineTo(x * SIZE, y * SIZE);
        context.stroke();
      }
    },
    /**
     * 28 x 28 in [0, 1]: as in MNIST, the strokes fill a box of 20 x 20 whose centre of mass is in the middle. Undefined if
     * nothing is drawn.
     */
    image: () => centred(context.getImageData(0, 0, SIZE, SIZE).data, canvas),
  };
}

/** The smallest box around the strokes. */
function boxOf(rgba) {
  let [left, top, right, bottom] = [SIZE, SIZE, -1, -1];
  for (let y = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++)
      if (rgba[4 * (y * SIZE + x)] > 0) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** A part of the canvas on 28 x 28 pixels, with its middle at `x`, `y`. */
function scaled(canvas, { left, top, width, height }, x, y) {
  const small = new OffscreenCanvas(28, 28).getContext('2d', { willReadFrequently: true });
  const scale = 20 / Math.max(width, height);
  small.fillRect(0, 0, 28, 28);
  small.imageSmoothingQuality = 'high';
  const [w, h] = [width * scale, height * scale];
  small.drawImage(canvas, left, top, width, height, x - w / 2, y - h / 2, w, h);
  const { data } = small.getImageData(0, 0, 28, 28);
  return Float32Array.from({ length: 784 }, (_, i) => data[4 * i] / 255);
}

function centred(rgba, canvas) {
  const box = boxOf(rgba);
  if (!box) return undefined;
  const image = scaled(canvas, box, 14, 14);
  let [mass, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    mass += value;
    x += value * ((i % 28) + 0.5);
    y += value * (Math.floor(i / 28) + 0.5);
  });
  return scaled(canvas, box, 28 - x / mass, 28 - y / mass);
}
