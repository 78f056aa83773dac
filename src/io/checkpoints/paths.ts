/** Paths with places for values, as Python's formats have them: {epoch:02d}, {val_loss:.3f}, {loss:.1e}. */
import { ArgumentError } from '../../support/errors';
import type { Logs } from '../../train/callbacks';

/** Name; then a zero, the least width, the precision and the kind, all of which may be missing. */
const PLACE = /\{([^{}:]+)(?::(0?)(\d*)(?:\.(\d+)(?!d))?([defg]?))?\}/g;

/** `1e-5` as `1e-05`. */
const longExponent = (text: string): string => text.replace(/(e[+-])(\d)$/, '$10$2');

/** `digits` that count, as many as need be, with an exponent only for very large and small numbers. */
function general(value: number, digits: number): string {
  const exact = value.toExponential(digits - 1);
  const exponent = Number(exact.slice(exact.indexOf('e') + 1));
  const isLong = exponent < -4 || exponent >= digits;
  const [number = '', rest] = (isLong ? exact : value.toFixed(digits - 1 - exponent)).split('e');
  const short = number.includes('.') ? number.replace(/\.?0+$/, '') : number;
  return isLong ? longExponent(`${short}e${rest}`) : short;
}

/** @throws ArgumentError for `d` and a number that is not whole */
function show(value: number, kind: string, digits: string | undefined, place: string): string {
  if (!Number.isFinite(value)) return String(value);
  const precision = Number(digits ?? 6);
  if (kind === 'e') return longExponent(value.toExponential(precision));
  if (kind === 'f') return value.toFixed(precision);
  if (kind === 'g' || digits !== undefined) return general(value, Math.max(1, precision));
  if (kind === 'd' && !Number.isInteger(value))
    throw new ArgumentError(`modelCheckpoint: '${place}' needs an integer, got ${value}`);
  return String(value);
}

/**
 * A path by the epoch (from 0; in paths it is counted from 1) and its values.
 * @throws ArgumentError for braces that are no place for a value; the function itself for a value that is not there
 */
export function pathOf(text: string): (epoch: number, logs: Logs) => string {
  if (/[{}]/.test(text.replace(PLACE, '')))
    throw new ArgumentError(
      `modelCheckpoint: the path '${text}' must have values as in {epoch:02d}, {acc}, {loss:.3f}, {loss:.2e} or {loss:.3g}`,
    );
  return (epoch, logs) => {
    const values: Logs = { ...logs, epoch: epoch + 1 };
    return text.replace(PLACE, (place, name: string, zero = '', width = '', digits, kind = '') => {
      const value = values[name];
      if (value === undefined)
        throw new ArgumentError(
          `modelCheckpoint: the path names '${name}'; there are ${Object.keys(values).join(', ')}`,
        );
      const shown = show(value, kind, digits, place);
      const [sign, number] = shown.startsWith('-') ? ['-', shown.slice(1)] : ['', shown];
      return zero ? sign + number.padStart(Number(width) - sign.length, '0') : shown.padStart(Number(width));
    });
  };
}
