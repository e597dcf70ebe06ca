import assert from "node:assert/strict";
import fc from "fast-check";
import { drawCharts } from "./charts.ts";
import { Evidence } from "./evidence.ts";
import { aReport } from "./example_for_tests.ts";
import { LogScale } from "./svg.ts";

Deno.test("charts are drawn for what was measured, with every bar's value written beside it", () => {
  const charts = drawCharts(new Evidence(aReport()));
  assert.deepEqual(charts.map(({ file }) => file), ["throughput.svg", "cpu.svg"]);
  for (const { svg } of charts) {
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[\d. ]+"/);
    assert.match(svg, />produce-64k</);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  }
  assert.match(charts[0]!.svg, />2\.00×</);
});

Deno.test("a run without any figures has no charts", () => {
  assert.deepEqual(drawCharts(new Evidence({ ...aReport(), scenarios: [] })), []);
});

Deno.test("a logarithmic axis holds all its values and ticks, in order", () => {
  const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
  fc.assert(fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
    const scale = new LogScale(values, 100, 500);
    for (const value of [...values, ...scale.ticks()]) {
      const place = scale.at(value);
      assert.ok(place >= 99.5 && place <= 500.5, `${value} at ${place}`);
    }
    assert.ok(scale.ticks().length >= 2);
    assert.deepEqual(scale.ticks(), scale.ticks().toSorted((a, b) => a - b));
  }));
});
