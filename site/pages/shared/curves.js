/** Lines that grow while something runs. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Blue and orange as colour-blind readers tell them apart (Okabe and Ito, 2008), then green. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

/**
 * @param {HTMLElement} parent
 * @param {{ x: string, lines: readonly string[], height?: number, range?: [number, number] }} settings
 * @returns `add(x, values)` for one more point, `clear()`
 */
export function curves(parent, { x, lines, height = 180, range }) {
  const data = [[], ...lines.map(() => [])];
  const axis = () => getComputedStyle(parent).color;
  const grid = { stroke: '#88888840' };
  const plot = new uPlot(
    {
      width: parent.clientWidth,
      height,
      scales: { x: { time: false }, y: range ? { range } : {} },
      axes: [
        { stroke: axis, grid, label: x, labelSize: 20 },
        { stroke: axis, grid, size: 55 },
      ],
      series: [
        { label: x },
        ...lines.map((label, i) => ({ label, stroke: COLORS[i], width: 2, dash: i % 2 ? [6, 4] : [], spanGaps: true })),
      ],
    },
    data,
    parent,
  );
  new ResizeObserver(() => plot.setSize({ width: parent.clientWidth, height })).observe(parent);
  const draw = () => plot.setData(data);
  return {
    add(at, values) {
      data[0].push(at);
      values.forEach((value, i) => {
        data[i + 1].push(value ?? null);
      });
      draw();
    },
    clear() {
      for (const list of data) list.length = 0;
      draw();
    },
  };
}
