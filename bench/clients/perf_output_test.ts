import assert from "node:assert/strict";
import { parseConsumerPerf, parseProducerPerf } from "./perf_output.ts";

const PRODUCER_OUTPUT =
  `Warmup first 50000 records. Steady state results will print after the complete test summary.
In steady state.
102612 records sent, 20514.2 records/sec (20.03 MB/sec), 1074.6 ms avg latency, 1686.0 ms max latency.
300000 records sent, 25888.850535 records/sec (25.28 MB/sec), 1024.21 ms avg latency, 2624.00 ms max latency, 807 ms 50th, 2124 ms 95th, 2382 ms 99th, 2614 ms 99.9th.
250000 steady state records sent, 30171.373401 records/sec (29.46 MB/sec), 857.37 ms avg latency, 1686.00 ms max latency, 779 ms 50th, 1382 ms 95th, 1643 ms 99th, 1682 ms 99.9th.
`;

Deno.test("the producer tool's figures are those of the steady state", () => {
  assert.deepEqual(parseProducerPerf(PRODUCER_OUTPUT), {
    recordsPerSecond: 30171.373401,
    latency: { count: 250_000, p50Ms: 779, p99Ms: 1643, p999Ms: 1682, maxMs: 1686, curveMs: [] },
  });
});

Deno.test("a producer tool that was cut off gives no figures", () => {
  assert.throws(
    () => parseProducerPerf("1026 records sent, 205.2 records/sec (0.20 MB/sec)\n"),
    /no summary/,
  );
});

Deno.test("the consumer tool's records and time are read from its line of figures", () => {
  const line = "2026-11-21 14:46:22:456, 2026-11-21 14:46:25:561, 292.9688, 94.3539, 300000, 96618.3575, " +
    "1140, 1965, 149.0935, 152671.7557\n";
  assert.deepEqual(parseConsumerPerf(`a warning\n${line}`), { records: 300_000, fetchMs: 1965 });
  assert.throws(() => parseConsumerPerf("a warning\n"), /no figures/);
});
