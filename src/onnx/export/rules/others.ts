/** Resizing, random numbers, and values with gradients of their own. */
import { Distribution } from '../../../../assembly/isa';
import type { AttrsOf, CustomOps, ImageOps, RandomnessOps } from '../../../ops/core/table';
import { sizeOf } from '../../../tensor/shape';
import { type Call, fixed, isOpen, missing, NoForm, type Num, Operand, type RulesOf, type Value } from '../call';
import { float, int, text } from '../graph';
import type { Sized } from '../numbers';
import { filled } from './movement';

type Table = ImageOps & RandomnessOps & CustomOps;
type Rules = RulesOf<Table>;

/** One axis of an image [1, outer, n, inner]: what operators of two dimensions resize. */
const resample: Rules['resample'] = (c) => {
  const { graph } = c;
  const { axis, size, method, alignCorners, halfPixelCenters } = c.attrs;
  const at = fixed(axis);
  const x = c.value(0);
  const lead = x.shape.slice(0, at);
  const inner = sizeOf(x.shape.slice(at + 1).map(fixed));
  const outer = lead.some(isOpen) ? -1 : sizeOf(lead as readonly number[]);
  const plane = (n: Num): Num[] => [1, outer, n, inner];
  const moved = plane(x.shape[at] as Num);
  const image = graph.node('Reshape', [c.cast(x, 'float32'), graph.integers(moved)], { shape: moved, type: 'float32' });
  const shape = { shape: [2], type: 'int64' } as const;
  // Scales of the first two dimensions would be rounded: their sizes are read instead.
  const first = outer < 0 ? graph.node('Shape', [image], shape, [int('end', 2)]) : graph.integers([1, outer]);
  const sizes = graph.node('Concat', [first, graph.integers([size, inner])], { shape: [4], type: 'int64' }, [
    int('axis', 0),
  ]);
  const isNearest = method === 'nearest';
  const mode = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
  const nearest = alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor';
  const spec = { shape: plane(size), type: 'float32' } as const;
  const resized = graph.node('Resize', [image, undefined, undefined, sizes], spec, [
    text('mode', isNearest ? 'nearest' : 'linear'),
    text('coordinate_transformation_mode', mode),
    ...(isNearest ? [text('nearest_mode', nearest)] : []),
  ]);
  const back = graph.node('Reshape', [resized, graph.integers(c.shape)], { shape: c.shape, type: 'float32' });
  return new Operand(c.cast(back, c.type));
};

/** Numbers of ONNX' own generator: other ones in each run, and in each runtime. */
const random: Rules['random'] = (c) => {
  const { kind, p, q } = c.attrs;
  const [low, high] = [fixed(p), fixed(q)];
  const like = filled(c, c.float(0), c.shape);
  const uniform = (): Value =>
    c.node('RandomUniformLike', [like], [float('low', low), float('high', high)], { type: 'float32' });
  if (kind === Distribution.uniform) return new Operand(uniform());
  if (kind === Distribution.uniformInt)
    return new Operand(c.cast(c.node('Floor', [uniform()], [], { type: 'float32' }), 'int32'));
  if (kind === Distribution.normal)
    return c.result('RandomNormalLike', [like], [float('mean', low), float('scale', high)]);
  throw new NoForm('ONNX draws no truncated normal numbers');
};

export const otherRules: Rules = {
  resample,
  resampleGrad: missing('it is the gradient of a resized image'),
  random,
  dropout: (c: Call<Sized<AttrsOf<'dropout'>>>) =>
    c.result('Dropout', [c.value(0), c.float(fixed(c.attrs.rate)), c.graph.scalar(1, 'bool')]),
  custom: (c) => c.operand(0),
};
