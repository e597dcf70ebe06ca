/** What `/metrics` answers, read by a parser that is not ours. */
import assert from "node:assert/strict";
import parse from "parse-prometheus-text-format";

/** A part of the text as the parser gives it. */
interface Parsed {
  readonly name: string;
  readonly metrics: readonly { readonly labels?: Labels; readonly value?: string }[];
}

type Labels = Readonly<Record<string, string>>;

/** One line of the text. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

const TYPE_LINE = /^# TYPE (\S+) (counter|gauge|histogram)$/gm;

/** One answer to `/metrics`. */
export class Scraped {
  readonly #samples = new Map<string, Sample[]>();
  readonly #types: ReadonlyMap<string, string>;

  constructor(readonly text: string) {
    const types = Array.from(text.matchAll(TYPE_LINE), ([, name = "", type = ""]) => [name, type] as const);
    this.#types = new Map(types);
    assert.equal(this.#types.size, types.length, "each metric is there once");
    // The parser makes one distribution of all that have one name, so it is not told which lines are of one.
    const parsed: readonly Parsed[] = parse(text.replaceAll(/^# TYPE \S+ histogram$/gm, ""));
    for (const { name, metrics } of parsed) {
      const samples = this.#samples.get(name) ?? [];
      this.#samples.set(name, samples);
      for (const { labels = {}, value } of metrics) {
        assert.ok(Number.isFinite(Number(value)), `${name} is ${value}`);
        samples.push({ labels, value: Number(value) });
      }
    }
    for (const [name, samples] of this.#samples) {
      const distinct = new Set(samples.map(({ labels }) => JSON.stringify(labels)));
      assert.equal(distinct.size, samples.length, `${name} has each set of labels once`);
    }
    for (const [name, type] of this.#types) if (type === "histogram") this.#checkHistogram(name);
  }

  static async from(port: number): Promise<Scraped> {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    return new Scraped(text);
  }

  /** The values of a counter or a gauge, by their one label. */
  by(name: string, label: string): ReadonlyMap<string, number> {
    return new Map(this.#of(name).map(({ labels, value }) => [labels[label] ?? "", value]));
  }

  /** The value with these labels, of a histogram the count; 0 when there is none. */
  value(name: string, labels: Labels = {}): number {
    const counted = this.#types.get(name) === "histogram" ? `${name}_count` : name;
    return this.#of(counted).find((sample) => hasLabels(sample, labels))?.value ?? 0;
  }

  /** How far all is that only ever grows, by name and labels. */
  counters(): ReadonlyMap<string, number> {
    const counters = new Map<string, number>();
    for (const [name, samples] of this.#samples) {
      if (!/_(?:total|count|sum|bucket)$/.test(name)) continue;
      for (const { labels, value } of samples) counters.set(`${name} ${JSON.stringify(labels)}`, value);
    }
    return counters;
  }

  #of(name: string): readonly Sample[] {
    assert.ok(this.text.includes(`${name}`), `there is ${name}`);
    return this.#samples.get(name) ?? [];
  }

  #checkHistogram(name: string): void {
    const buckets = this.#of(`${name}_bucket`);
    for (const { labels, value: count } of this.#of(`${name}_count`)) {
      const own = buckets.filter((bucket) => hasLabels(bucket, labels)).map(({ value }) => value);
      assert.ok(own.every((value, at) => value >= (own[at - 1] ?? 0)), `${name} is cumulative`);
      assert.equal(own.at(-1), count, name);
    }
  }
}

function hasLabels(sample: Sample, labels: Labels): boolean {
  return Object.entries(labels).every(([label, of]) => sample.labels[label] === of);
}
