import assert from "node:assert/strict";
import { aReport, aRun, LIMITS } from "./example_for_tests.ts";
import { limitsOf, summarizeScenario, summarizeStarts } from "./summary.ts";

function even(value: number) {
  return { median: value, min: value, max: value };
}

Deno.test("figures are medians over the runs, per second, per gigabyte and per request", () => {
  const summary = summarizeScenario(aReport().scenarios[0]!, LIMITS);
  const ours = summary.systems[0]!;
  assert.ok(ours.kind === "measured");
  assert.deepEqual(ours.figures.recordsPerSecond, { median: 200_000, min: 100_000, max: 300_000 });
  assert.equal(ours.figures.megabytesPerSecond.median, 204.8);
  assert.ok(Math.abs(ours.figures.cpuSecondsPerGigabyte.median - 1 / 0.4096) < 1e-9);
  assert.equal(ours.figures.loadShare?.median, 0.25);
});

Deno.test("klite is compared with each measured peer, by medians", () => {
  const summary = summarizeScenario(aReport().scenarios[0]!, LIMITS);
  assert.deepEqual(summary.comparisons, [{
    peer: "kafka",
    throughput: even(2),
    cpu: even(0.5),
    p99: even(1),
  }]);
});

Deno.test("where the rate is given, its throughput is compared with nobody's", () => {
  const fixed = { ...aReport().scenarios[0]!, boundBy: "rate" } as const;
  const summary = summarizeScenario(fixed, LIMITS);
  assert.deepEqual(summary.comparisons, [{ peer: "kafka", throughput: null, cpu: even(0.5), p99: even(1) }]);
  assert.deepEqual(summary.ofLimits, []);
});

Deno.test("one failed run makes the system's scenario failed, and it is compared with nothing", () => {
  const [scenario] = aReport().scenarios;
  const broken = {
    ...scenario!,
    systems: [{
      system: "klite",
      lacks: null,
      runs: [aRun(1), { failure: "offset 3 came, 2 was expected" }],
    }],
  };
  const summary = summarizeScenario(broken, LIMITS);
  assert.deepEqual(summary.systems, [{
    system: "klite",
    kind: "failed",
    reason: "offset 3 came, 2 was expected",
  }]);
  assert.deepEqual(summary.comparisons, []);
  assert.deepEqual(summary.ofLimits, []);
});

Deno.test("a system that lacks an API is told apart from one that failed", () => {
  const [scenario] = aReport().scenarios;
  const lacking = { ...scenario!, systems: [{ system: "klite", lacks: "JoinGroup", runs: [] }] };
  assert.deepEqual(summarizeScenario(lacking, LIMITS).systems, [
    { system: "klite", kind: "lacking", api: "JoinGroup" },
  ]);
});

Deno.test("a figure that one run lacks is not summed up", () => {
  const [scenario] = aReport().scenarios;
  const mixed = {
    ...scenario!,
    systems: [{ system: "klite", lacks: null, runs: [aRun(1), aRun(2, { latency: null, requests: null })] }],
  };
  const [system] = summarizeScenario(mixed, LIMITS).systems;
  assert.ok(system?.kind === "measured");
  assert.equal(system.figures.p99Ms, null);
  assert.equal(system.figures.requestsPerSecond, null);
});

Deno.test("a produce is bound by the slowest of socket, checksum and disk, a fetch by the socket", () => {
  const named = (boundBy: "produce" | "fetch" | "requests") =>
    limitsOf(boundBy, LIMITS).map(({ name }) => name);
  assert.deepEqual(named("produce"), [
    "CRC-32C",
    "disk write with fdatasync to allocated blocks",
    "loopback socket",
  ]);
  assert.deepEqual(named("fetch"), ["loopback socket"]);
  assert.deepEqual(named("requests"), []);
});

Deno.test("starts that failed have a reason and no figures", () => {
  const failed = summarizeStarts({ system: "klite", startMs: [30], idleBytes: [1], failure: "port taken" });
  assert.deepEqual(failed, { system: "klite", startMs: null, idleBytes: null, failure: "port taken" });
});
