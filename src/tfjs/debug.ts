/** The debug mode: looks at the result of every op. */
import { type OpRun, opObservers } from '../program/observers';

function report({ name, output }: OpRun): void {
  if (output.dtype !== 'float32') return;
  const bad = output.dataSync().find((value) => !Number.isFinite(value));
  if (bad !== undefined) console.warn(`Found ${bad} in the result of '${name}'`);
}

/** Starts or ends the watch on results. */
export function watchResults(isOn: boolean): void {
  if (isOn) opObservers.add(report);
  else opObservers.delete(report);
}
