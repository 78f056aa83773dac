/**
 * ONNX' own backend cases: a selection, or all of a file that the environment variable SAMEGRAD_ONNX_CASES names (made
 * by `scripts/evidence/onnx/cases.py` of PyPI's onnx).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { prepare } from '../../src/onnx/index';
import { Cases, runCase } from './support/cases';

const NOISE = 'where the exact values are 0 it expects rounding of float32 above its own tolerance';
const IMAGES = 'decoding images is left to the runtime';
/** Cases that fail, with the reason. */
const FAILING: Readonly<Record<string, string>> = {
  test_dft_inverse: NOISE,
  test_dft_inverse_opset19: NOISE,
  test_image_decoder_decode_jpeg_rgb: IMAGES,
  test_image_decoder_decode_jpeg_grayscale: IMAGES,
  test_image_decoder_decode_jpeg_bgr: IMAGES,
  test_image_decoder_decode_jpeg2k_rgb: IMAGES,
  test_image_decoder_decode_bmp_rgb: IMAGES,
  test_image_decoder_decode_png_rgb: IMAGES,
  test_image_decoder_decode_tiff_rgb: IMAGES,
  test_image_decoder_decode_webp_rgb: IMAGES,
  test_image_decoder_decode_pnm_rgb: IMAGES,
  test_gradient_of_add: 'the operator Gradient is not there: models are differentiated from outside',
  test_gradient_of_add_and_mul: 'the operator Gradient is not there: models are differentiated from outside',
};

const path = process.env.SAMEGRAD_ONNX_CASES;
const packed = readFileSync(path ?? join(import.meta.dirname, '../fixtures/onnx-cases.bin.gz'));
const cases = new Cases(new Uint8Array(packed[0] === 0x1f ? gunzipSync(packed) : packed));

await prepare();

test('the backend cases pass, but for those that are listed', () => {
  const failing = cases.list.flatMap((one) => {
    const { fault } = runCase(cases, one);
    return fault ? [[one.name, fault]] : [];
  });
  expect(failing.filter(([name]) => !((name as string) in FAILING))).toEqual([]);
  // One that passes now is taken off the list.
  const listed = cases.list.filter(({ name }) => name in FAILING).map(({ name }) => name);
  expect(failing.map(([name]) => name).sort()).toEqual(listed.sort());
});
