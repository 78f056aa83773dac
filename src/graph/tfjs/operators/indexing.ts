/** Values by their index, and those whose number depends on values. */
import { tensor } from '../../../ops/create/creation';
import { nonMaxSuppression, nonMaxSuppressionPadded, nonMaxSuppressionWithScore } from '../../../ops/image/suppression';
import { gather, gatherND, scatterND, sparseToDense, tensorScatterUpdate } from '../../../ops/indexing/indexing';
import { unique } from '../../../ops/indexing/sorting';
import { cast } from '../../../ops/math/arithmetic';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { type HostArray, Texts, type Value } from '../../core/value';

const whole = (t: Tensor): Tensor => cast(t, 'int32');

function gathered(call: Call): Value {
  const value = call.value(0);
  if (!(value instanceof Texts))
    return gather(call.tensor(0), whole(call.tensor(1)), call.int(2, 0), call.wholeOf('batch_dims', 0));
  if (value.shape.length !== 1) throw call.fail('gathers strings of a list only');
  const indices = call.host(1);
  const data = Array.from(indices.data, (i) => {
    const text = value.data[i];
    if (text === undefined) throw call.fail(`there is no string ${i} in a list of ${value.data.length}`);
    return text;
  });
  return new Texts(data, indices.shape);
}

function scattered(call: Call): Tensor {
  const shape = call.ints(2);
  checkElements(sizeOf(shape), call.where);
  return scatterND(whole(call.tensor(0)), call.tensor(1), shape);
}

export const picks: Operators = {
  Gather: gathered,
  GatherV2: gathered,
  GatherNd: (call) => gatherND(call.tensor(0), whole(call.tensor(1))),
  ScatterNd: scattered,
  TensorScatterUpdate: (call) => tensorScatterUpdate(call.tensor(0), whole(call.tensor(1)), call.tensor(2)),
  SparseToDense: (call) => {
    const shape = call.ints(1);
    checkElements(sizeOf(shape), call.where);
    const values = call.tensor(2);
    const other = call.has(3) ? cast(call.tensor(3), values.dtype) : undefined;
    return sparseToDense(whole(call.tensor(0)), values, shape, other);
  },
};

/** A tensor of numbers that were needed on the host. */
const real = ({ data, shape, dtype }: HostArray): Tensor => tensor(Float64Array.from(data), [...shape], dtype);

/** Coordinates of the elements that are not 0. */
function where(call: Call): Tensor {
  const { data, shape } = call.data(0);
  const places = Array.from(data).flatMap((value, i) => (value ? [i] : []));
  const out = new Int32Array(places.length * shape.length);
  places.forEach((place, k) => {
    let rest = place;
    for (let d = shape.length - 1; d >= 0; d--) {
      const size = shape[d] as number;
      out[k * shape.length + d] = rest % size;
      rest = Math.floor(rest / size);
    }
  });
  return tensor(out, [places.length, shape.length], 'int32');
}

interface Suppression {
  readonly boxes: Tensor;
  readonly scores: Tensor;
  readonly most: number;
  readonly overlap: number;
  readonly least: number | undefined;
}

function suppression(call: Call): Suppression {
  return {
    boxes: real(call.data(0)),
    scores: real(call.data(1)),
    most: Math.max(0, call.int(2)),
    overlap: call.number(3),
    least: call.has(4) ? call.number(4) : undefined,
  };
}

function suppressed(call: Call): Tensor {
  const { boxes, scores, most, overlap, least } = suppression(call);
  return nonMaxSuppression(boxes, scores, most, overlap, least);
}

function suppressedAndPadded(call: Call): Value[] {
  const { boxes, scores, most, overlap, least } = suppression(call);
  const isPadded = call.flag('pad_to_max_output_size');
  const found = nonMaxSuppressionPadded(boxes, scores, most, overlap, least, isPadded);
  return [found.selectedIndices, found.validOutputs];
}

function suppressedSoftly(call: Call): Value[] {
  const { boxes, scores, most, overlap, least } = suppression(call);
  const found = nonMaxSuppressionWithScore(boxes, scores, most, overlap, least, call.number(5, 0));
  const { selectedIndices, selectedScores } = found;
  return [selectedIndices, selectedScores, tensor(selectedIndices.size, [], 'int32')];
}

function distinct(call: Call): Value[] {
  const value = call.value(0);
  if (value instanceof Texts) {
    const known = new Map<string, number>();
    const indices = value.data.map((text) => {
      const at = known.get(text) ?? known.size;
      known.set(text, at);
      return at;
    });
    return [new Texts([...known.keys()], [known.size]), tensor(Int32Array.from(indices))];
  }
  const axis = call.has(1) ? (call.ints(1)[0] ?? 0) : 0;
  const found = unique(real(call.data(0)), axis);
  return [found.values, found.indices];
}

/** What the first list has and the second has not, and where. */
function difference(call: Call): Value[] {
  const [a, b] = [call.data(0), call.data(1)];
  const excluded = new Set(Array.from(b.data));
  const values = Array.from(a.data);
  const places = [...values.keys()].filter((i) => !excluded.has(values[i] as number));
  return [
    tensor(
      Float64Array.from(places, (i) => values[i] as number),
      [places.length],
      a.dtype,
    ),
    tensor(Int32Array.from(places), [places.length], 'int32'),
  ];
}

export const dynamic: Operators = {
  Where: where,
  NonMaxSuppressionV2: suppressed,
  NonMaxSuppressionV3: suppressed,
  NonMaxSuppressionV4: suppressedAndPadded,
  NonMaxSuppressionV5: suppressedSoftly,
  Unique: distinct,
  UniqueV2: distinct,
  ListDiff: difference,
};
