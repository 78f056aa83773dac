/**
 * What a server counts, in the text format of Prometheus. Libraries for it need modules of Node (cluster, http, util), and
 * a server runs in every runtime.
 */

type Labels = Readonly<Record<string, string>>;

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelled = (labels: Labels): string => {
  const list = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return list.length ? `{${list.join(',')}}` : '';
};

/** A number that only grows, for each combination of labels. */
export class Counter {
  readonly #values = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  add(labels: Labels, amount = 1): void {
    const key = labelled(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  lines(): string[] {
    const values = [...this.#values].map(([labels, value]) => `${this.name}${labels} ${value}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...values];
  }
}

interface Cells {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}

/** How often values were at most so large, for each combination of labels. */
export class Histogram {
  readonly #cells = new Map<string, Cells>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly bounds: readonly number[],
  ) {}

  observe(labels: Labels, value: number): void {
    const key = labelled(labels);
    let cells = this.#cells.get(key);
    if (!cells) {
      cells = { labels, counts: new Array<number>(this.bounds.length + 1).fill(0), sum: 0 };
      this.#cells.set(key, cells);
    }
    const found = this.bounds.findIndex((bound) => value <= bound);
    const at = found < 0 ? this.bounds.length : found;
    cells.counts[at] = (cells.counts[at] as number) + 1;
    cells.sum += value;
  }

  lines(): string[] {
    const { name, bounds } = this;
    const lines = [...this.#cells.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = counts.map((count, i) => {
        total += count;
        return `${name}_bucket${labelled({ ...labels, le: i < bounds.length ? String(bounds[i]) : '+Inf' })} ${total}`;
      });
      return [...buckets, `${name}_sum${labelled(labels)} ${sum}`, `${name}_count${labelled(labels)} ${total}`];
    });
    return [`# HELP ${name} ${this.help}`, `# TYPE ${name} histogram`, ...lines];
  }
}

/** Values of this moment, with their labels. */
export function gauge(name: string, help: string, values: readonly (readonly [Labels, number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labelled(labels)} ${value}`),
  ];
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128];

/** All that a server counts. */
export class Metrics {
  readonly requests = new Counter('samegrad_requests_total', 'Requests by route and status.');
  readonly latency = new Histogram('samegrad_request_seconds', 'Seconds from a request to its answer.', SECONDS);
  readonly batches = new Histogram('samegrad_batch_rows', 'Rows of the batches that were computed.', ROWS);
  readonly computing = new Histogram('samegrad_batch_seconds', 'Seconds in which a batch was computed.', SECONDS);

  /** @param waiting requests that wait, by model. */
  text(waiting: readonly (readonly [Labels, number])[]): string {
    const { requests, latency, batches, computing } = this;
    const counted = [requests, latency, batches, computing].flatMap((one) => one.lines());
    const waits = gauge('samegrad_waiting_requests', 'Requests that wait for a model.', waiting);
    return `${[...counted, ...waits].join('\n')}\n`;
  }
}
