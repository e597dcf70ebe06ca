/**
 * Metrics as Prometheus' text, written by its client library. It belongs to nothing that is loaded before somebody
 * scrapes.
 */
import { Gauge, Registry } from "./prom_client.ts";
import type { Distribution, Metric, Sample } from "./metric.ts";
import type { Scrape } from "./scrape.ts";

/** A value as the library writes it. */
interface WrittenValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A metric whose values are ours. What the library asks any of its metrics when it writes them (`getForPromString`, as its
 * histograms have it) is answered from the table.
 */
class TableMetric extends Gauge<string> {
  readonly #metric: Metric;
  readonly #scrape: () => Scrape;

  constructor(metric: Metric, scrape: () => Scrape) {
    super({ name: metric.name, help: metric.help, registers: [] });
    this.#metric = metric;
    this.#scrape = scrape;
  }

  getForPromString() {
    const { name, help, type } = this.#metric;
    return Promise.resolve({ name, help, type, values: valuesOf(this.#metric, this.#scrape()) });
  }
}

/** Writes scrapes down. */
export class Exposition {
  readonly #registry = new Registry();
  #scrape: Scrape | null = null;

  constructor(metrics: readonly Metric[]) {
    const scrape = (): Scrape => {
      if (this.#scrape === null) throw new TypeError("nothing is written without a scrape");
      return this.#scrape;
    };
    for (const metric of metrics) this.#registry.registerMetric(new TableMetric(metric, scrape));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** One at a time. */
  write(scrape: Scrape): Promise<string> {
    this.#scrape = scrape;
    return this.#registry.metrics();
  }
}

function valuesOf(metric: Metric, scrape: Scrape): WrittenValue[] {
  return metric.type === "histogram"
    ? Array.from(metric.read(scrape)).flatMap((distribution) => bucketsOf(metric.name, distribution))
    : Array.from<Sample>(metric.read(scrape));
}

/** Cumulative, as Prometheus has them. */
function bucketsOf(name: string, { labels, histogram }: Distribution): WrittenValue[] {
  const { bounds, counts, sum } = histogram;
  let count = 0;
  const buckets = Array.from(counts, (inRange, range) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: bounds[range] ?? "+Inf" },
    value: count += inRange,
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
