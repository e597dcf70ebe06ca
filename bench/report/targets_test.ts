import assert from "node:assert/strict";
import { Evidence } from "./evidence.ts";
import { aReport, aRightsReport, aRun, LIMITS } from "./example_for_tests.ts";
import type { BenchReport, ScenarioRuns } from "./model.ts";
import { checkDesign, checkTargets, type TargetCheck } from "./targets.ts";

function check(report: BenchReport, target: RegExp): TargetCheck {
  const found = checkTargets(new Evidence(report)).find((candidate) => target.test(candidate.target));
  assert.ok(found !== undefined);
  return found;
}

function withScenario(change: Partial<ScenarioRuns>): BenchReport {
  const report = aReport();
  return { ...report, scenarios: [{ ...report.scenarios[0]!, ...change }] };
}

Deno.test("a target is met or missed by the medians of the run, with both figures told", () => {
  const rate = check(aReport(), /^rate of 64 KiB batches, to Kafka's$/);
  assert.equal(rate.verdict, "met");
  assert.equal(rate.figure, "2.00×");
  assert.match(rate.remark, /205 against 102 MB\/s/);
  const cpu = check(aReport(), /^CPU per MB of 64 KiB batches/);
  assert.equal(cpu.verdict, "missed");
  assert.equal(cpu.figure, "0.50×");
});

Deno.test("what the run has no figure for is neither met nor missed", () => {
  const pipelined = check(aReport(), /^rate of pipelined small requests/);
  assert.deepEqual([pipelined.verdict, pipelined.figure], ["unknown", ""]);
  assert.equal(check(aReport(), /^p99 from producer/).verdict, "unknown");
  assert.equal(check({ ...aReport(), starts: [] }, /^memory at rest/).verdict, "unknown");
});

Deno.test("start and memory at rest are checked by their medians", () => {
  assert.equal(check(aReport(), /^start to the first answer/).verdict, "met");
  const slow = { system: "klite", startMs: [151, 152, 140], idleBytes: [49e6, 49e6, 51e6], failure: null };
  const report = { ...aReport(), starts: [slow] };
  assert.equal(check(report, /^start to the first answer/).verdict, "missed");
  assert.equal(check(report, /^memory at rest/).verdict, "met");
});

Deno.test("latency from end to end stands beside that of the disk alone", () => {
  const latency = { count: 9, p50Ms: 0.9, p99Ms: 5.1, p999Ms: 9, maxMs: 9, curveMs: [] };
  const report = withScenario({
    name: "end-to-end-20k",
    boundBy: "rate",
    systems: [{
      system: "klite",
      lacks: null,
      runs: [aRun(1, { latency, disk: { ...latency, p50Ms: 0.2, p99Ms: 1 } })],
    }],
  });
  assert.equal(check(report, /^p50 from producer/).verdict, "met");
  const p99 = check(report, /^p99 from producer/);
  assert.equal(p99.verdict, "missed");
  assert.match(p99.remark, /the disk alone, right before: p50 0\.20 ms, p99 1\.00 ms$/);
});

Deno.test("a soak counts when it was long enough", () => {
  const soak = {
    minutes: 10,
    records: 1e6,
    medianBytes: 150e6,
    peakBytes: 170e6,
    grownBytes: 2e6,
    isSteady: true,
  };
  const verdict = (outcome: typeof soak) => {
    const checks = checkTargets(new Evidence(aReport(), outcome));
    return checks.find(({ target }) => target.startsWith("growth"))?.verdict;
  };
  assert.equal(verdict(soak), "met");
  assert.equal(verdict({ ...soak, isSteady: false }), "missed");
  assert.equal(verdict({ ...soak, minutes: 1 }), "unknown");
});

Deno.test("the share of the slowest limit is told with who used the cores", () => {
  const limit = check(aReport(), /to the slowest of socket/);
  assert.deepEqual([limit.verdict, limit.figure], ["missed", "20 %"]);
  assert.match(limit.remark, /CRC-32C; of 2 cores klite took 50 % of a core, the generator 25 %/);
});

Deno.test("the design is compared with the cost that both trials had, and all rows must be there to meet it", () => {
  const [design] = checkDesign(new Evidence(aReport()));
  assert.equal(design?.design.scenario, "produce-64k");
  assert.deepEqual(design.factors.map((factor) => factor.toFixed(2)), ["1.74", "1.16"]);
  assert.equal(design.verdict, "missed");
  assert.equal(design.bareCost, 1);
  assert.match(check(aReport(), /to the design's/).remark, /^0 of 7 rows; missed by produce-64k$/);
  const cheap = withScenario({
    systems: [{ system: "klite", lacks: null, runs: [aRun(1, { brokerCpuSeconds: 0.1 })] }],
  });
  assert.equal(check(cheap, /to the design's/).verdict, "unknown");
  const exchanges = LIMITS.exchanges.map((limit) => ({ ...limit, cpuMicros: 2 * limit.cpuMicros }));
  const slow = check({ ...aReport(), limits: { ...LIMITS, exchanges } }, /to the design's/);
  assert.deepEqual(slow.verdict, "missed");
  assert.match(slow.remark, /; a bare exchange of the same bytes already costs more for produce-64k$/);
});

Deno.test("what rights cost is told by CPU, to the mean of two equal brokers, with how far those differ", () => {
  const target = /1,000 ACLs/;
  const met = check(aRightsReport({ klite: 1.9, "klite-again": 2.1, "klite-rights": 2.08 }), target);
  assert.deepEqual([met.wanted, met.figure, met.verdict], ["at most 1.05×", "1.04×", "met"]);
  assert.equal(
    met.remark,
    "2.08 against 2.00 ms of CPU per MB; two equal brokers of the run differ by 10.0 %",
  );
  const missed = check(aRightsReport({ klite: 2, "klite-again": 2, "klite-rights": 2.2 }), target);
  assert.deepEqual([missed.figure, missed.verdict], ["1.10×", "missed"]);
});

Deno.test("what rights cost is told without a second equal broker, and not without one of both kinds", () => {
  const target = /1,000 ACLs/;
  const alone = check(aRightsReport({ klite: 2, "klite-rights": 2.06 }), target);
  assert.deepEqual([alone.figure, alone.verdict], ["1.03×", "met"]);
  assert.match(alone.remark, /^2\.06 against 2\.00 ms of CPU per MB; how far two .+ was not measured$/);
  assert.equal(check(aRightsReport({ klite: 2, "klite-again": 2 }), target).verdict, "unknown");
  assert.equal(check(aRightsReport({ "klite-again": 2, "klite-rights": 2 }), target).verdict, "unknown");
});

Deno.test("what rights cost has no target against Kafka", () => {
  const checks = checkTargets(new Evidence(aRightsReport({ klite: 2, "klite-rights": 2 })));
  assert.deepEqual(checks.filter(({ target }) => target.includes("produce-64k-rights")), []);
});
