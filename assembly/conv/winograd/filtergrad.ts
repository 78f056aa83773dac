/**
 * dFilter of a convolution by Winograd's F(4x4, 3x3). Specification: at each point the products of the tiles' values, image
 * and outputs, are summed over (image, row, column): groups of WINOGRAD_TILES, each folded from +0, are added, all
 * ascending. The filter is made of these sums by the transpose of its own transform.
 *
 * Blocks of channels whose sums stay in cache; for each, the tiles are transformed and multiplied group by group. Threads
 * share panels of channels, those of which there are more.
 */
import { PANEL, WINOGRAD_INPUTS, WINOGRAD_OUTPUTS, WINOGRAD_TILES, Winograd } from '../../isa';
import { Add, Keep, tiles } from '../../gemm/tile';
import { sliceStart, storePart } from '../../lanes';
import { ownScratch } from '../../scratch';
import { image, outputs, workBytes } from './forward';
import { fromPoints, Work } from './points';
import { Filter } from './transforms';

export function winogradFilterGrad(p: usize, t: i32, slices: i32): void {
  const c = load<i32>(p, Winograd.c),
    oc = load<i32>(p, Winograd.oc),
    panelsIn = (c + PANEL - 1) / PANEL,
    panelsOut = (oc + PANEL - 1) / PANEL;
  let in0 = 0,
    in1 = c,
    out0 = 0,
    out1 = oc;
  if (panelsIn >= slices || panelsIn >= panelsOut) {
    in0 = sliceStart(panelsIn, t, slices) * PANEL;
    in1 = min(c, sliceStart(panelsIn, t + 1, slices) * PANEL);
  } else {
    out0 = sliceStart(panelsOut, t, slices) * PANEL;
    out1 = min(oc, sliceStart(panelsOut, t + 1, slices) * PANEL);
  }
  for (let l = in0; l < in1; l += WINOGRAD_INPUTS) {
    for (let o = out0; o < out1; o += WINOGRAD_OUTPUTS) {
      channels(p, l, min(WINOGRAD_INPUTS, in1 - l), o, min(WINOGRAD_OUTPUTS, out1 - o));
    }
  }
}

/** The gradient of `inputs` input channels from `l` on and `outs` output channels from `o` on. */
function channels(p: usize, l: i32, inputs: i32, o: i32, outs: i32): void {
  const perImage = ((load<i32>(p, Winograd.oh) + 3) >> 2) * ((load<i32>(p, Winograd.ow) + 3) >> 2),
    count = load<i32>(p, Winograd.n) * perImage,
    panelsIn = (inputs + PANEL - 1) / PANEL,
    panelsOut = (outs + PANEL - 1) / PANEL,
    panel = <usize>WINOGRAD_TILES << 6,
    vStep = panelsIn * panel + 64,
    wStep = panelsOut * panel + 64,
    row = <usize>panelsOut << 6,
    mStep = <usize>(panelsIn << 4) * row + 64,
    work = ownScratch(),
    v = work + workBytes(max(load<i32>(p, Winograd.c), load<i32>(p, Winograd.oc))),
    w = v + 36 * vStep,
    m = w + 36 * wStep;
  memory.fill(work + Work.zeros, 0, v - work - Work.zeros);
  // Columns of the last panel that do not exist are multiplied too.
  if (outs & 15) memory.fill(w, 0, 36 * wStep);
  for (let tile = 0; tile < count; tile += WINOGRAD_TILES) {
    const some = min(WINOGRAD_TILES, count - tile);
    for (let i = 0; i < some; i++) {
      image(p, tile + i, perImage, work, inputs, v + (<usize>i << 6), vStep, panel, l);
      outputs(p, tile + i, perImage, work, outs, w + (<usize>i << 6), wStep, panel, o);
    }
    for (let point: usize = 0; point < 36; point++) {
      for (let b = 0; b < panelsOut; b++) {
        for (let a = 0; a < panelsIn; a++) {
          const pairs = (min(PANEL, inputs - a * PANEL) + 1) >> 1,
            sums = m + point * mStep + <usize>(a << 4) * row + (<usize>b << 6);
          const from = v + point * vStep + a * panel,
            by = w + point * wStep + b * panel;
          if (tile == 0) tiles<Keep>(pairs, from, 4, 64, 0, by, 64, some, 1, sums, row, true, 0);
          else tiles<Add>(pairs, from, 4, 64, 0, by, 64, some, 1, sums, row, true, 0);
        }
      }
    }
  }
  if (count == 0) memory.fill(m, 0, 36 * mStep);
  const oc = load<i32>(p, Winograd.oc),
    tap = (<usize>load<i32>(p, Winograd.c) * oc) << 2;
  for (let i = 0; i < inputs; i++) {
    let to = load<usize>(p, Winograd.filter) + (<usize>((l + i) * oc + o) << 2);
    for (let j = 0; j < outs; j += 4, to += 16) {
      fromPoints<Filter>(work, m + i * row + (<usize>j << 2), mStep, 3, work + Work.tile);
      for (let q: usize = 0; q < 9; q++) {
        const sum = v128.load(work + Work.tile + (q << 6));
        if (j + 4 <= outs) v128.store(to + q * tap, sum);
        else storePart(to + q * tap, sum, outs - j);
      }
    }
  }
}
