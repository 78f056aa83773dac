/** Pictures of a camera; the page and its camera are made up here. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as sg from '../../src/index';

afterEach(() => vi.unstubAllGlobals());

const [WIDTH, HEIGHT] = [4, 2];

/** A video of one picture, whose red counts up from 0. */
class Video {
  width = 0;
  height = 0;
  readonly videoWidth = WIDTH;
  readonly videoHeight = HEIGHT;
  onloadedmetadata: unknown = undefined;
  #source: unknown = undefined;

  readonly data = Uint8ClampedArray.from({ length: 4 * WIDTH * HEIGHT }, (_, i) => (i % 4 === 0 ? i / 4 : 255));
  get srcObject(): unknown {
    return this.#source;
  }
  set srcObject(source: unknown) {
    this.#source = source;
    if (source) setTimeout(() => (this.onloadedmetadata as () => void)());
  }
  async play(): Promise<void> {}
}
/** What `fromPixels` reads of it. */
const shown = (): Video => Object.assign(new Video(), { width: WIDTH, height: HEIGHT });

function stubCamera(): { asked: object[]; stopped: () => number } {
  const asked: object[] = [];
  let stopped = 0;
  const stream = { getTracks: () => [{ stop: () => stopped++ }] };
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: async (wanted: object) => {
        asked.push(wanted);
        return stream;
      },
    },
  });
  return { asked, stopped: () => stopped };
}

const reds = (t: sg.Tensor): number[] => [...t.slice([0, 0, 0], [-1, -1, 1]).dataSync()];

describe('a camera', () => {
  test('gives pictures until it is stopped', async () => {
    const { asked, stopped } = stubCamera();
    const video = shown();
    const camera = await sg.data.webcam(video);
    expect(asked).toEqual([{ video: { facingMode: 'user', width: WIDTH, height: HEIGHT } }]);
    const before = sg.memory().numTensors;
    const picture = (await camera.capture()) as sg.Tensor;
    expect([picture.shape, picture.dtype, sg.memory().numTensors - before]).toEqual([[HEIGHT, WIDTH, 3], 'int32', 1]);
    expect(reds(picture)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect((await camera.next()).done).toBe(false);
    camera.stop();
    camera.stop();
    expect(stopped()).toBe(1);
    expect([await camera.capture(), await camera.next()]).toEqual([null, { value: null, done: true }]);
    expect(video.srcObject).toBeNull();
  });

  test('resizes them, or cuts out the middle', async () => {
    stubCamera();
    const small = await sg.data.webcam(shown(), { resizeWidth: 2, resizeHeight: 2 });
    const whole = (await small.capture()) as sg.Tensor;
    expect([whole.shape, whole.dtype]).toEqual([[2, 2, 3], 'float32']);
    expect(reds(whole)).toEqual([0, 3, 4, 7]);
    const middle = await sg.data.webcam(shown(), { resizeWidth: 2, resizeHeight: 2, centerCrop: true });
    const cut = reds((await middle.capture()) as sg.Tensor);
    // From 0.25 to 0.75 of the distance from the first column to the last.
    expect(cut).toEqual([0.75, 2.25, 4.75, 6.25]);
  });

  test('shows nothing where no video is given', async () => {
    stubCamera();
    vi.stubGlobal('document', { createElement: shown });
    const camera = await sg.data.webcam(null, { resizeWidth: WIDTH, resizeHeight: HEIGHT });
    expect((await camera.capture())?.shape).toEqual([HEIGHT, WIDTH, 3]);
    for await (const picture of camera) {
      expect(picture.shape).toEqual([HEIGHT, WIDTH, 3]);
      camera.stop();
    }
    await expect(sg.data.webcam()).rejects.toThrow(/give a video element, or resizeWidth and resizeHeight/);
  });

  test('says what is wrong', async () => {
    await expect(sg.data.webcam()).rejects.toThrow(sg.RuntimeSupportError);
    vi.stubGlobal('navigator', {});
    await expect(sg.data.webcam(shown())).rejects.toThrow(/has no cameras/);
    await expect(sg.data.webcam({} as never)).rejects.toThrow(/must be a video element/);
    await expect(sg.data.webcam(shown(), { resizeWidth: 2 })).rejects.toThrow(/given together/);
    await expect(sg.data.webcam(shown(), { facingMode: 'left' as never })).rejects.toThrow(sg.ArgumentError);
    await expect(sg.data.webcam(shown(), { resizeWidht: 2 } as never)).rejects.toThrow(/resizeWidth/);
    vi.stubGlobal('navigator', {
      mediaDevices: { getUserMedia: () => Promise.reject(new Error('Permission denied')) },
    });
    await expect(sg.data.webcam(shown())).rejects.toThrow(/the camera was refused: Permission denied/);
  });
});
