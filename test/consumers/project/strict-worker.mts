import * as sg from 'samegrad';
import { type Connection, connect, expose, type WorkerLike } from 'samegrad/worker';

const functions = {
  add: (a: number, b: number): number => a + b,
  weights: (): sg.Tensor[] => [sg.zeros([2])],
  train: async (data: Float32Array, onEpoch: (epoch: number) => void): Promise<{ loss: sg.Tensor; epochs: number }> => {
    onEpoch(data.length);
    return { loss: sg.scalar(1), epochs: 1 };
  },
};
expose(functions);

declare const worker: WorkerLike;
const { remote, close }: Connection<typeof functions> = connect<typeof functions>(worker);
const sum: number = await remote.add(1, 2);
const shape: number[] | undefined = (await remote.weights())[0]?.shape;
const { loss, epochs } = await remote.train(new Float32Array(3), (epoch: number) => epoch);
const size: number = loss.data.length + epochs;
close();
// @ts-expect-error a function that is not exposed
remote.subtract(1, 2);
// @ts-expect-error an argument of another type
remote.add('1', 2);

export { shape, size, sum };
