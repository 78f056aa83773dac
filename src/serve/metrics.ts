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

/** What is counted for each combination of the labels' values; labels become text only when they are shown. */
class Family<T extends object> {
  readonly #cells = new Map<string, T & { readonly values: readonly string[] }>();

  constructor(
    readonly labels: readonly string[],
    readonly initial: () => T,
  ) {}

  of(values: readonly string[]): T {
    const key = values.length === 1 ? (values[0] as string) : values.join('\n');
    let cell = this.#cells.get(key);
    if (!cell) {
      cell = { ...this.initial(), values };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  all(): (readonly [Labels, T])[] {
    return [...this.#cells.values()].map((cell) => [
      Object.fromEntries(this.labels.map((name, i) => [name, cell.values[i] as string])),
      cell,
    ]);
  }
}

/** A number that only grows, for each combination of labels. */
export class Counter {
  readonly #family: Family<{ count: number }>;

  constructor(
    readonly name: string,
    readonly help: string,
    labels: readonly string[],
  ) {
    this.#family = new Family(labels, () => ({ count: 0 }));
  }

  /** @param values of the labels, in their order. */
  add(values: readonly string[]): void {
    this.#family.of(values).count++;
  }

  lines(): string[] {
    const values = this.#family.all().map(([labels, { count }]) => `${this.name}${labelled(labels)} ${count}`);
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...values];
  }
}

interface Cells {
  readonly counts: number[];
  sum: number;
}

/** How often values were at most so large, for each combination of labels. */
export class Histogram {
  readonly #family: Family<Cells>;

  constructor(
    readonly name: string,
    readonly help: string,
    label: string,
    readonly bounds: readonly number[],
  ) {
    this.#family = new Family([label], () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  }

  /** @param of the label's value. */
  observe(of: string, value: number): void {
    const cells = this.#family.of([of]);
    const found = this.bounds.findIndex((bound) => value <= bound);
    const at = found < 0 ? this.bounds.length : found;
    cells.counts[at] = (cells.counts[at] as number) + 1;
    cells.sum += value;
  }

  lines(): string[] {
    const { name, bounds } = this;
    const lines = this.#family.all().flatMap(([labels, { counts, sum }]) => {
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
  readonly requests = new Counter('samegrad_requests_total', 'Requests by route and status.', ['route', 'status']);
  readonly latency = new Histogram(
    'samegrad_request_seconds',
    'Seconds from a request to its answer.',
    'route',
    SECONDS,
  );
  readonly batches = new Histogram('samegrad_batch_rows', 'Rows of the batches that were computed.', 'model', ROWS);
  readonly computing = new Histogram(
    'samegrad_batch_seconds',
    'Seconds in which a batch was computed.',
    'model',
    SECONDS,
  );

  /** @param waiting requests that wait, by model. */
  text(waiting: readonly (readonly [Labels, number])[]): string {
    const { requests, latency, batches, computing } = this;
    const counted = [requests, latency, batches, computing].flatMap((one) => one.lines());
    const waits = gauge('samegrad_waiting_requests', 'Requests that wait for a model.', waiting);
    return `${[...counted, ...waits].join('\n')}\n`;
  }
}
