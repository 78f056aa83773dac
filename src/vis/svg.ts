/** Pictures as SVG, drawn by the packages vega and vega-lite, which are loaded only here. */
import { show } from '../support/arguments';
import { ArgumentError, RuntimeSupportError } from '../support/errors';
import type { Picture } from './picture';

const INSTALL = 'npm install vega@6 vega-lite@6 vega-interpreter@2';

/** Draws a specification. */
export type Draw = (picture: Picture) => Promise<string>;

/** Loads the packages. @throws RuntimeSupportError with the command that installs them */
export async function loadDrawing(where: string): Promise<Draw> {
  const fail = (cause: unknown): never => {
    throw new RuntimeSupportError(`${where}: needs the packages vega, vega-lite and vega-interpreter: ${INSTALL}`, {
      cause,
    });
  };
  // Bundlers treat an import followed by `catch` as optional.
  const vega = await import('vega').catch(fail);
  const lite = await import('vega-lite').catch(fail);
  const { expressionInterpreter } = await import('vega-interpreter').catch(fail);
  return async (picture) => {
    // The compiler changes what it is given.
    const copy = JSON.parse(JSON.stringify(picture)) as Parameters<typeof lite.compile>[0];
    const { spec } = lite.compile(copy, { logger: vega.logger(vega.Error) });
    const runtime = vega.parse(spec, undefined, { ast: true });
    const settings = { expr: expressionInterpreter, logLevel: vega.Error, renderer: 'none' };
    const view = new vega.View(runtime, settings as object);
    try {
      return withOwnNames(await view.toSVG());
    } finally {
      view.finalize();
    }
  };
}

/** FNV-1a, in base 36. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/**
 * Names of clips and gradients that follow from the picture: vega counts them through the whole program, so they would
 * differ from run to run; and without the digest those of two pictures in one page could be the same.
 */
function withOwnNames(svg: string): string {
  const names = new Map([...svg.matchAll(/ id="([^"]+)"/g)].map(([, name = ''], i) => [name, `p${i}`]));
  if (names.size === 0) return svg;
  const renamed = (text: string, suffix: string): string =>
    text.replace(/ id="([^"]+)"|url\(#([^)]+)\)/g, (whole, id?: string, used?: string) => {
      const name = names.get((id ?? used) as string);
      return name === undefined ? whole : id === undefined ? `url(#${name}${suffix})` : ` id="${name}${suffix}"`;
    });
  return renamed(svg, `-${digestOf(renamed(svg, ''))}`);
}

/**
 * A picture as the text of an SVG file, in every runtime. Needs the packages vega, vega-lite and vega-interpreter; they
 * run no code made from strings, so pages and workers that forbid that draw too.
 * @param picture from a function of this module, or any specification of Vega-Lite whose data is inside
 * @throws RuntimeSupportError with the command that installs the packages; ArgumentError if it is not a specification
 * @example
 * const svg = await vis.toSVG(vis.lines({ loss: [3, 2, 1] }));
 * svg.startsWith('<svg'); // true
 */
export async function toSVG(picture: Picture): Promise<string> {
  if (typeof picture !== 'object' || picture === null || typeof picture.$schema !== 'string')
    throw new ArgumentError(`toSVG: picture must be a specification of Vega-Lite with a $schema, got ${show(picture)}`);
  return (await loadDrawing('toSVG'))(picture);
}
