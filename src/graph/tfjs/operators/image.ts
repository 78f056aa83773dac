/** Images resized, cropped, transformed. */
import { resizeBilinear, resizeNearestNeighbor } from '../../../ops/image/resize';
import { cropAndResize, transform } from '../../../ops/image/sample';
import { cast } from '../../../ops/math/arithmetic';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operator, Operators } from '../../core/registry';

/** [height, width] of the result. */
function size(call: Call, i: number): [number, number] {
  const [height, width, ...more] = call.ints(i);
  if (height === undefined || width === undefined || more.length || height < 0 || width < 0)
    throw call.fail(`input ${i} must be [height, width], got [${String(call.ints(i))}]`);
  return [height, width];
}

const resize =
  (f: typeof resizeBilinear): Operator =>
  (call) =>
    f(call.tensor(0), size(call, 1), call.flag('align_corners'), call.flag('half_pixel_centers'));

function cropped(call: Call): Tensor {
  const method = call.text('method', 'bilinear') as 'bilinear';
  const boxes = cast(call.tensor(2), 'int32');
  return cropAndResize(
    call.tensor(0),
    call.tensor(1),
    boxes,
    size(call, 3),
    method,
    call.real('extrapolation_value', 0),
  );
}

function transformed(call: Call): Tensor {
  const way = call.text('interpolation', 'NEAREST').toLowerCase() as 'nearest';
  const mode = call.text('fill_mode', 'CONSTANT').toLowerCase() as 'constant';
  return transform(call.tensor(0), call.tensor(1), way, mode, call.number(3, 0), size(call, 2));
}

export const images: Operators = {
  ResizeBilinear: resize(resizeBilinear),
  ResizeNearestNeighbor: resize(resizeNearestNeighbor),
  CropAndResize: cropped,
  ImageProjectiveTransformV3: transformed,
};
