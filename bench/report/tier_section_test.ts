import assert from "node:assert/strict";
import { Evidence } from "./evidence.ts";
import { aReport } from "./example_for_tests.ts";
import { tierFigure, type TierFigures, tierRatio } from "./tier_model.ts";
import { tierSection, tierText } from "./tier_section.ts";
import { tierTargets } from "./tier_targets.ts";

const FIGURES: TierFigures = {
  rows: [
    {
      part: "beside",
      name: "produce-alone",
      title: "64 KiB batches",
      runs: [{ megabytesPerSecond: 100, p99Ms: 2 }, { megabytesPerSecond: 200, p99Ms: 4 }],
    },
    {
      part: "beside",
      name: "produce-flushing",
      title: "the same while flushing",
      runs: [{ megabytesPerSecond: 90 }, { megabytesPerSecond: 150 }],
    },
  ],
  failures: [{ part: "flush", failure: "the broker ended\nstack" }],
};

Deno.test("a part has a row for each measurement and a column for each figure that any of them has", () => {
  const page = tierSection(FIGURES);
  assert.match(page, /^\| {2}\| MB\/s \| p99 ms \|$/m);
  assert.match(page, /^\| 64 KiB batches \| 150 \[100–200\] \| 3\.00 \[2\.00–4\.00\] \|$/m);
  assert.match(page, /^\| the same while flushing \| 120 \[90\.0–150\] \| – \|$/m);
  assert.doesNotMatch(page, /undefined|NaN|null/);
});

Deno.test("a part that failed says so, on the page and in the terminal", () => {
  assert.match(tierSection(FIGURES), /### Into the bucket\n[^#]*Failed: the broker ended stack/);
  assert.match(tierText(FIGURES), /objects: Into the bucket\n.*\n {2}failed: the broker ended stack/);
});

Deno.test("without figures there is no chapter and no verdict", () => {
  assert.equal(tierSection(undefined), "");
  assert.equal(tierText({ rows: [], failures: [] }), "");
  assert.ok(tierTargets(new Evidence(aReport())).every(({ verdict }) => verdict === "unknown"));
});

Deno.test("a ratio is of medians, with the range of single rounds", () => {
  const ratio = tierRatio(FIGURES, ["produce-flushing", "megabytesPerSecond"], [
    "produce-alone",
    "megabytesPerSecond",
  ]);
  assert.deepEqual(ratio, { median: 0.8, min: 0.75, max: 0.9 });
  assert.equal(tierFigure(FIGURES, "produce-flushing", "p99Ms"), null);
  const [first] = tierTargets(new Evidence({ ...aReport(), tier: FIGURES }));
  assert.deepEqual([first?.figure, first?.verdict, first?.remark], [
    "0.80×",
    "met",
    "rounds 0.75× to 0.90×",
  ]);
});
