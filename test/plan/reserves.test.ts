/** Memory that idle programs hold: it goes when others need it, and the next run has the same bits elsewhere. */
import { afterEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { engine } from '../../src/runtime/engine';
import { Reserve, Reserves, reserves } from '../../src/runtime/reserves';
import { Storage } from '../../src/tensor/storage';

/** Lets all idle memory go and spoils it; a block in its place makes the next workspaces stand elsewhere. */
function displace(): Storage {
  const { bytesInUse, peakBytes } = engine.memory.usage;
  reserves.trimAll();
  const spoiled = new Storage(Math.max(64, peakBytes - bytesInUse));
  engine.memory.u32.fill(0x7fc12345, spoiled.address >>> 2, (spoiled.address + spoiled.bytes) >>> 2);
  spoiled.release();
  return new Storage(192);
}

const bitsOf = (values: unknown): string => {
  const list = [values].flat() as sg.Tensor[];
  const bits = list.map((t) => new Uint32Array(Float32Array.from(t.dataSync()).buffer).join());
  sg.dispose(list);
  return bits.join(';');
};

const image = (): sg.Tensor => sg.randomNormal([2, 9, 9, 8], 0, 1, 'float32', 1);
const rows = (): sg.Tensor => sg.randomNormal([7, 33], 0, 1, 'float32', 2);
const functions: Record<string, { make: () => sg.Tensor; of: (x: sg.Tensor) => sg.Tensor | sg.Tensor[] }> = {
  'an elementwise chain': {
    make: rows,
    of: (x) =>
      x
        .exp()
        .add(x.sum(1, true))
        .log()
        .mul(x.transpose([1, 0]).transpose()),
  },
  product: { make: rows, of: (x) => x.matMul(x, false, true).softmax().matMul(x) },
  'convolution and pool': {
    make: image,
    of: (x) => sg.maxPool(sg.conv2d(x, sg.fill([3, 3, 8, 16], 0.1), 1, 'same').relu(), 2, 2, 'same'),
  },
  'gradients of a convolution': {
    make: image,
    of: (x) => {
      const { value, grads } = sg.valueAndGrads((a, k) => sg.conv2d(a, k, 1, 'same').square().mean())([
        x,
        sg.fill([3, 3, 8, 16], 0.1),
      ]);
      return [value, ...grads];
    },
  },
  sorting: { make: rows, of: (x) => [sg.topk(x, 5).values, sg.cumsum(x, 1), x.argMax(1).cast('float32')] },
  'a loop over time': {
    make: rows,
    of: (x) => {
      const start = sg.zeros([33]);
      const { carry, ys } = loop(
        ([h], [slice]) => {
          const next = (h as sg.Tensor)
            .mul(0.5)
            .add(slice as sg.Tensor)
            .tanh();
          const made = next
            .reshape([1, 33])
            .matMul(sg.fill([33, 33], 0.01))
            .reshape([33]);
          return { carry: [made], ys: [next] };
        },
        [start],
        [x],
      );
      return [...carry, ...ys];
    },
  },
};

describe('a program whose workspace was let go', () => {
  it.each(Object.entries(functions))('%s: the same bits', (_, { make, of }) => {
    const x = make();
    const f = sg.jit(of);
    const expected = bitsOf(f(x));
    const blocks: Storage[] = [];
    for (let i = 0; i < 3; i++) {
      blocks.push(displace());
      expect(bitsOf(f(x))).toBe(expected);
    }
    for (const b of blocks) b.release();
    f.dispose();
    x.dispose();
  });

  it('a training continues', async () => {
    const train = async (isDisturbed: boolean): Promise<string> => {
      sg.setSeed(5);
      const model = sg.sequential({
        layers: [
          sg.layers.lstm({ units: 5, inputShape: [4, 3] }),
          sg.layers.dropout({ rate: 0.2 }),
          sg.layers.dense({ units: 2, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['accuracy'] });
      const [x, y] = [sg.randomNormal([20, 4, 3]), sg.randomUniform([20, 2])];
      const blocks: Storage[] = [];
      const onBatchEnd = (): void => {
        if (isDisturbed) blocks.push(displace());
      };
      const { history } = await model.fit(x, y, {
        epochs: 2,
        batchSize: 8,
        validationSplit: 0.2,
        callbacks: { onBatchEnd },
      });
      const bits = [JSON.stringify(history), bitsOf(model.getWeights()), bitsOf(model.predict(x))].join();
      for (const b of blocks) b.release();
      model.dispose();
      sg.dispose([x, y]);
      return bits;
    };
    expect(await train(true)).toBe(await train(false));
  });
});

describe('eager ops', () => {
  it('make their programs again after these were let go', () => {
    const x = image();
    const expected = bitsOf(sg.conv2d(x, sg.fill([3, 3, 8, 16], 0.1), 1, 'same'));
    const block = displace();
    expect(bitsOf(sg.conv2d(x, sg.fill([3, 3, 8, 16], 0.1), 1, 'same'))).toBe(expected);
    block.release();
    x.dispose();
  });
});

describe('idle programs', () => {
  it('predictions of many sizes hold the memory of few', () => {
    const conv = (filters: number): sg.layers.Layer =>
      sg.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
    const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [null, null, 3] }), conv(16), conv(1)] });
    const before = sg.memory().capacity;
    for (let size = 100; size < 300; size += 5) sg.tidy(() => void model.predict(sg.zeros([1, size, size, 3])));
    // 40 workspaces of 1 to 10 MiB.
    expect(sg.memory().capacity - before).toBeLessThan(120 << 20);
    model.dispose();
  });

  it('those of dropped shapes are gone when they are disposed of', () => {
    const before = sg.memory().numDataBuffers;
    const f = sg.jit((x: sg.Tensor) => x.exp().sum());
    for (let n = 1; n < 50; n++) sg.tidy(() => void f(sg.ones([n, 100])));
    f.dispose();
    expect(sg.memory().numDataBuffers).toBe(before);
  });
});

class Probe extends Reserve {
  isBusy = false;
  constructor(
    readonly of: Reserves,
    readonly bytes: number,
    readonly gone: number[],
  ) {
    super();
  }
  letGo(): boolean {
    if (this.isBusy) return false;
    this.of.remove(this);
    this.gone.push(this.bytes);
    return true;
  }
}

describe('reserves', () => {
  const gone: number[] = [];
  afterEach(() => {
    gone.length = 0;
  });

  it('go in the order of their last use, as many as need be', () => {
    const all = new Reserves();
    const [a, b, c] = [1, 2, 4].map((bytes) => new Probe(all, bytes, gone)) as [Probe, Probe, Probe];
    for (const r of [a, b, c, a, a]) all.use(r);
    expect(all.bytes).toBe(7);
    expect(all.trim(5)).toBe(true);
    expect(gone).toEqual([2]);
    expect(all.trim(5)).toBe(false);
    all.use(b);
    all.trim(0);
    expect(gone).toEqual([2, 4, 1, 2]);
    expect(all.bytes).toBe(0);
  });

  it('that are in use stay', () => {
    const all = new Reserves();
    const [a, b] = [1, 2].map((bytes) => new Probe(all, bytes, gone)) as [Probe, Probe];
    all.use(a);
    all.use(b);
    a.isBusy = true;
    all.trim(0);
    expect(gone).toEqual([2]);
    expect(all.bytes).toBe(1);
    all.remove(a);
    all.remove(a);
    expect(all.bytes).toBe(0);
  });

  it('random uses and removals against a list', () => {
    const all = new Reserves();
    const probes = Array.from({ length: 9 }, (_, i) => new Probe(all, 1 << i, gone));
    let list: Probe[] = [];
    let seed = 1;
    for (let i = 0; i < 3000; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      const probe = probes[(seed >>> 8) % 9] as Probe;
      list = list.filter((p) => p !== probe);
      if ((seed >>> 16) % 4 === 0) all.remove(probe);
      else {
        all.use(probe);
        list.push(probe);
      }
      expect(all.bytes).toBe(list.reduce((sum, p) => sum + p.bytes, 0));
    }
    const order = list.map((p) => p.bytes);
    all.trim(0);
    expect(gone).toEqual(order);
  });
});
