/** What clients feel of records being stored behind them. */
import { recordsPerBatch } from "../load/batches.ts";
import { runLoad } from "../load_process.ts";
import { cpuSeconds } from "../measure/process.ts";
import { RECORD_BYTES } from "../scenarios/scenario.ts";
import { Home, inMegabytes, msPerMegabyte, type TierSite } from "./site.ts";

const CONNECTIONS = 4;
const IN_FLIGHT = 4;
const BYTES_MAX = 2_000_000_000;
/** Long enough for several objects of each partition to be stored meanwhile. */
const WINDOW_FACTOR = 2;
const RATE = 20_000;
/** All is stored within a second or so; and the log has room for all of it, with and without. */
const FLUSHING = ["--s3-flush-interval=1s", "--s3-flush-check-interval=200ms"];
const ROOM = "--wal-max-disk-size=16000000000";

/** The same loads with a bucket and without one, each first in turn. */
export async function measureBesideFlushing(site: TierSite, round: number): Promise<void> {
  for (const isOn of round % 2 === 0 ? [false, true] : [true, false]) {
    await using home = new Home(site);
    await home.start({ bucket: isOn, flags: [ROOM, ...(isOn ? FLUSHING : [])] });
    await warmUp(home);
    await measure(site, home, isOn);
  }
}

async function warmUp(home: Home): Promise<void> {
  await runLoad(produceJob("bench-warm-up", 64_000_000, { warmupMs: 0, windowMs: 1000 }), home.target);
}

function produceJob(topic: string, bytesMax: number, times: TierSite["times"]) {
  return {
    kind: "produce",
    topic,
    recordsPerBatch: recordsPerBatch(64 * 1024, RECORD_BYTES),
    recordBytes: RECORD_BYTES,
    inFlight: IN_FLIGHT,
    compression: null,
    connections: CONNECTIONS,
    partitions: CONNECTIONS,
    busyPartitions: CONNECTIONS,
    idlePartitions: 0,
    isIdempotent: false,
    bytesMax,
    ...times,
  } as const;
}

async function measure({ rows, times, server }: TierSite, home: Home, isOn: boolean): Promise<void> {
  const how = isOn ? "with all of it on its way to the bucket" : "without a bucket";
  const suffix = isOn ? "flushing" : "alone";
  const rate = {
    kind: "produceAtRate",
    topic: "bench-rate",
    recordsPerSecond: RATE,
    recordBytes: RECORD_BYTES,
  } as const;
  const longer = { ...times, windowMs: times.windowMs * WINDOW_FACTOR };
  const atRate = await runLoad({ ...rate, ...longer }, home.target);
  rows.note(
    "beside",
    { name: `rate-${suffix}`, title: `20,000 records/s to their acknowledgement, ${how}` },
    {
      p50Ms: atRate.latency.p50Ms,
      p99Ms: atRate.latency.p99Ms,
      cpuMsPerMegabyte: msPerMegabyte(atRate.brokerCpuSeconds, atRate.bytes),
      peakMegabytes: inMegabytes(atRate.brokerPeakBytes),
    },
  );
  const serverCpu = cpuSeconds(server.process.pid);
  const fast = await runLoad(produceJob("bench-fast", BYTES_MAX, longer), home.target);
  const serverSeconds = cpuSeconds(server.process.pid) - serverCpu;
  rows.note("beside", { name: `produce-${suffix}`, title: `64 KiB batches at full speed, ${how}` }, {
    megabytesPerSecond: inMegabytes(fast.bytes) / (fast.windowMs / 1000),
    p50Ms: fast.latency.p50Ms,
    p99Ms: fast.latency.p99Ms,
    cpuMsPerMegabyte: msPerMegabyte(fast.brokerCpuSeconds, fast.bytes),
    ...(isOn ? { serverCpuMsPerMegabyte: msPerMegabyte(serverSeconds, fast.bytes) } : {}),
    peakMegabytes: inMegabytes(fast.brokerPeakBytes),
  });
}
