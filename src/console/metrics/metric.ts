import type { Histogram } from "../../base/histogram.ts";
import type { Scrape } from "./scrape.ts";

/** The labels of one value, by name. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a counter or a gauge. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One distribution. */
export interface Distribution {
  readonly labels: Labels;
  readonly histogram: Histogram;
}

interface Described {
  /** In Prometheus' conventions: the unit behind, `_total` last where it only ever grows. */
  readonly name: string;
  readonly help: string;
}

/** One row of the tables of metrics: all that is known about it, and how it is read when somebody asks. */
export type Metric =
  & Described
  & (
    | { readonly type: "counter" | "gauge"; read(scrape: Scrape): Iterable<Sample> }
    | { readonly type: "histogram"; read(scrape: Scrape): Iterable<Distribution> }
  );

/** A single value without labels, or none. */
export function plain(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

/** A metric of one value while clients are served, and of none otherwise. */
export function single(
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: (scrape: Scrape) => number | null | undefined,
): Metric {
  return { type, name, help, read: (scrape) => plain(value(scrape)) };
}

/** A metric with one label, of which the values are given as pairs. */
export function labelled(
  type: "counter" | "gauge",
  name: string,
  help: string,
  label: string,
  values: (scrape: Scrape) => Iterable<readonly [of: string, value: number]>,
): Metric {
  return {
    type,
    name,
    help,
    *read(scrape) {
      for (const [of, value] of values(scrape)) yield { labels: { [label]: of }, value };
    },
  };
}
