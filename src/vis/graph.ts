/** A model as a drawing of its layers. */

import type { Summarizable } from '../models/view/summary';
import { show } from '../support/arguments';
import { ArgumentError, RuntimeSupportError } from '../support/errors';
import * as is from '../support/settings';
import { showShape } from '../tensor/shape';
import { legendColumns } from './charts/series';
import { composed, PICTURE, type Picture, type PictureOptions, type Spec } from './picture';
import { PADDING, paletteOf, type Theme } from './theme';

/** Settings of `modelGraph`. */
export interface ModelGraphOptions extends Omit<PictureOptions, 'height'> {
  /** What shapes are called that are not known before a call, such as the batch; default '·'. */
  unknown?: string;
}

const { height: _, ...FRAME } = PICTURE;
const GRAPH = { ...FRAME, unknown: is.text('·') } satisfies is.TableOf<ModelGraphOptions>;

/** A layer as a box. */
interface Box {
  readonly name: string;
  readonly lines: readonly string[];
  readonly isTrained: boolean;
  readonly isInput: boolean;
}

interface Edge {
  readonly from: number;
  readonly to: number;
}

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ');

function boxesOf({ rows }: Summarizable, unknown: string): Box[] {
  return rows.map(({ layer, outputs }) => {
    const shapes = [...new Set(outputs.map((shape) => showShape(shape).replace(/null/g, unknown)))];
    const count = layer.countParams();
    return {
      name: layer.name,
      lines: [layer.className, shapes.join(' '), ...(count ? [`${grouped(count)} parameters`] : [])],
      isTrained: count > 0,
      isInput: layer.className === 'InputLayer',
    };
  });
}

function edgesOf({ rows }: Summarizable): Edge[] {
  const index = new Map(rows.map(({ layer }, i) => [layer.name, i]));
  const isGraph = rows.some((r) => r.receives.length > 0);
  // Without a graph each layer follows the one before.
  if (!isGraph) return rows.slice(1).map((__, i) => ({ from: i, to: i + 1 }));
  return rows.flatMap(({ receives }, to) =>
    receives.flatMap((r) => {
      const from = index.get(r.replace(/\[\d+\]$/, ''));
      return from === undefined ? [] : [{ from, to }];
    }),
  );
}

/** Sizes in pixels. */
const LINE = 14;
const LETTER = 6.6;
const MARGIN = 9;

const sizeOf = ({ name, lines }: Box): { width: number; height: number } => ({
  width: Math.max(96, ...[`${name} `, ...lines].map((line) => line.length * LETTER + 2 * MARGIN)),
  height: (lines.length + 1) * LINE + MARGIN,
});

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where boxes are, by their centres, and the ways of the edges. */
interface Placed {
  readonly width: number;
  readonly height: number;
  readonly centres: readonly Point[];
  readonly ways: readonly (readonly Point[])[];
}

/** Places the layers in rows from top to bottom (Sugiyama, 1981). */
async function place(boxes: readonly Box[], edges: readonly Edge[]): Promise<Placed> {
  const dagre = await import('@dagrejs/dagre').catch((cause: unknown): never => {
    throw new RuntimeSupportError('modelGraph: needs the package @dagrejs/dagre: npm install @dagrejs/dagre@3', {
      cause,
    });
  });
  const { Graph } = dagre.default.graphlib;
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 26 });
  boxes.forEach((box, i) => {
    graph.setNode(String(i), sizeOf(box));
  });
  edges.forEach(({ from, to }, i) => {
    graph.setEdge(String(from), String(to), {}, String(i));
  });
  dagre.default.layout(graph);
  const { width = 1, height = 1 } = graph.graph() as { width?: number; height?: number };
  const centres = boxes.map((__, i) => graph.node(String(i)) as Point);
  const ways = edges.map(({ from, to }, i) => {
    const { points } = graph.edge(String(from), String(to), String(i)) as { points: readonly Point[] };
    return points;
  });
  return { width, height, centres, ways };
}

const round = (v: number): number => Math.round(v * 10) / 10;

function layersOf(
  boxes: readonly Box[],
  { centres, ways, width, height }: Placed,
  scale: number,
  theme: Theme,
  frameWidth: number,
): Spec[] {
  const { text, faint, background, grid, ramp } = paletteOf(theme);
  const axis = (size: number, reverse = false): Spec => ({
    axis: null,
    scale: { domain: [0, size], nice: false, zero: false, reverse },
  });
  const x = { field: 'x', type: 'quantitative', ...axis(width) };
  const y = { field: 'y', type: 'quantitative', ...axis(height, true) };
  const sizes = boxes.map(sizeOf);
  const rects = boxes.map(({ isTrained, isInput }, i) => {
    const [centre, size] = [centres[i] as Point, sizes[i] as { width: number; height: number }];
    return {
      x: round(centre.x - size.width / 2),
      x2: round(centre.x + size.width / 2),
      y: round(centre.y - size.height / 2),
      y2: round(centre.y + size.height / 2),
      kind: isInput ? 'input' : isTrained ? 'with parameters' : 'without parameters',
    };
  });
  const texts = (pick: (box: Box) => readonly string[], first: number): Spec[] =>
    boxes.flatMap((box, i) => {
      const top = (rects[i] as { y: number }).y + MARGIN / 2;
      return pick(box).map((line, k) => ({
        x: round((centres[i] as Point).x),
        y: round(top + (first + k + 0.5) * LINE),
        text: line,
      }));
    });
  const kinds = ['input', 'with parameters', 'without parameters'].filter((kind) => rects.some((r) => r.kind === kind));
  const fills: Record<string, string> = {
    input: background,
    'with parameters': ramp[1] as string,
    'without parameters': grid,
  };
  const written = { type: 'text', baseline: 'middle', fontSize: round(11 * scale) };
  const label = { text: { field: 'text' } };
  return [
    {
      data: {
        values: ways.flatMap((points, edge) =>
          points.map((p, order) => ({ edge, order, x: round(p.x), y: round(p.y) })),
        ),
      },
      mark: { type: 'line', interpolate: 'monotone', strokeWidth: 1.3, color: faint },
      encoding: { x, y, detail: { field: 'edge' }, order: { field: 'order' } },
    },
    {
      data: { values: ways.map((points) => points.at(-1) as Point).map((p) => ({ x: round(p.x), y: round(p.y - 3) })) },
      mark: { type: 'point', shape: 'triangle-down', filled: true, opacity: 1, size: 40 * scale, color: faint },
      encoding: { x, y },
    },
    {
      data: { values: rects },
      mark: { type: 'rect', cornerRadius: 4, stroke: faint, strokeWidth: 1 },
      encoding: {
        x,
        x2: { field: 'x2' },
        y,
        y2: { field: 'y2' },
        fill: {
          field: 'kind',
          type: 'nominal',
          scale: { domain: kinds, range: kinds.map((kind) => fills[kind]) },
          legend: {
            title: null,
            columns: legendColumns(kinds, frameWidth),
            symbolType: 'square',
            symbolStrokeColor: faint,
            symbolStrokeWidth: 1,
          },
        },
      },
    },
    {
      data: { values: texts(({ name }) => [name], 0) },
      mark: { ...written, fontWeight: 600, color: text },
      encoding: { x, y, ...label },
    },
    {
      data: { values: texts(({ lines }) => lines, 1) },
      mark: { ...written, color: text, fontSize: round(10 * scale) },
      encoding: { x, y, ...label },
    },
  ];
}

/**
 * A model's layers as boxes with their classes, shapes and numbers of parameters, and how they are connected. A drawing
 * that is wider than the picture is made smaller. Needs the package @dagrejs/dagre, which is loaded only here.
 * @param model a model of layers, built
 * @returns a specification of Vega-Lite
 * @throws ArgumentError unless it is a model, and for settings out of range; RuntimeSupportError with the command that
 * installs the package
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2], name: 'out' })] });
 * const picture = await vis.modelGraph(model);
 * picture.layer[2].data.values.length; // 1
 */
export async function modelGraph(model: Summarizable, options?: ModelGraphOptions | null): Promise<Picture> {
  const where = 'modelGraph';
  const { unknown, ...frame } = is.checked(where, GRAPH, options);
  if (!Array.isArray((model as Summarizable | undefined)?.rows))
    throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  const boxes = boxesOf(model, unknown);
  const placed = await place(boxes, edgesOf(model));
  const scale = Math.min(1, (frame.width - 2 * PADDING) / placed.width);
  const total = grouped([...model.trainableWeights, ...model.nonTrainableWeights].reduce((n, w) => n + w.size, 0));
  return composed(
    { ...frame, height: undefined },
    { title: model.name, note: `${total} parameters` },
    {
      width: Math.round(placed.width * scale),
      height: Math.round(placed.height * scale),
      layer: layersOf(boxes, placed, scale, frame.theme, frame.width),
    },
  );
}
