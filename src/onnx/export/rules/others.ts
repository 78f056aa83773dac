/** Resizing, random numbers, and values with gradients of their own. */
import { Distribution } from '../../../../assembly/isa';
import type { AttrsOf, CustomOps, ImageOps, RandomnessOps } from '../../../ops/core/table';
import { type Call, fixed, missing, NoForm, type Num, Operand, type Rule, type Value } from '../call';
import { float, text } from '../graph';
import type { Sized } from '../numbers';
import { filled } from './movement';

type Table = ImageOps & RandomnessOps & CustomOps;
type Rules = { [K in keyof Table]: Rule<Sized<AttrsOf<K>>> };

/** One axis of an image [1, outer, n, inner]: what operators of two dimensions resize. */
const resample: Rules['resample'] = (c) => {
  const { graph } = c;
  const { axis, size, method, alignCorners, halfPixelCenters } = c.attrs;
  const at = fixed(axis);
  const x = c.value(0);
  const product = (shape: readonly Num[]): number => shape.reduce<number>((a, b) => a * fixed(b), 1);
  const inner = product(x.shape.slice(at + 1));
  const n = x.shape[at] as Num;
  const plane = graph.node('Reshape', [c.cast(x, 'float32'), graph.integers([1, -1, n, inner])], {
    shape: [1, 1, n, inner],
    type: 'float32',
  });
  const isNearest = method === 'nearest';
  const mode = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
  const nearest = alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor';
  const outer = graph.node('Shape', [plane], { shape: [4], type: 'int64' });
  const lead = graph.node('Slice', [outer, graph.integers([0]), graph.integers([2])], { shape: [2], type: 'int64' });
  const sizes = graph.node('Concat', [lead, graph.integers([size, inner])], { shape: [4], type: 'int64' }, [
    { name: 'axis', type: 2, i: 0 },
  ]);
  const resized = graph.node(
    'Resize',
    [plane, undefined, undefined, sizes],
    { shape: [1, 1, size, inner], type: 'float32' },
    [
      text('mode', isNearest ? 'nearest' : 'linear'),
      text('coordinate_transformation_mode', mode),
      ...(isNearest ? [text('nearest_mode', nearest)] : []),
    ],
  );
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
