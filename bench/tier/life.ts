/** Records on their way through a bucket: stored at a stop, brought back after the loss of the disk, read from there. */
import { recordsPerBatch } from "../load/batches.ts";
import type { LoadResult } from "../load/job.ts";
import { runLoad } from "../load_process.ts";
import { residentBytes } from "../measure/process.ts";
import { type BatchSize, RECORD_BYTES } from "../scenarios/scenario.ts";
import { fill } from "./fill.ts";
import { Home, inMegabytes, msPerMegabyte, type TierSite } from "./site.ts";

const TOPIC = "bench-stored";
/** Each stays below the size at which it would be stored during the load. */
const PARTITIONS = 8;
const IN_FLIGHT = 4;
const FETCH_BYTES = 1024 * 1024;
const READ_MS_MAX = 120_000;
const CONSUMERS = [1, 4] as const;
const TAIL_RATE = 20_000;

/** What goes through, and what it is called. */
interface Freight {
  readonly suffix: string;
  readonly words: string;
  readonly batch: BatchSize;
  readonly bytes: number;
  readonly inFlight: number;
}

const LARGE: Freight = {
  suffix: "64k",
  words: "64 KiB batches of 1 KiB records",
  batch: { recordsPerBatch: recordsPerBatch(64 * 1024, RECORD_BYTES), recordBytes: RECORD_BYTES },
  bytes: 384_000_000,
  inFlight: IN_FLIGHT,
};

const SMALL: Freight = {
  suffix: "1k",
  words: "batches of one 1 KiB record",
  batch: { recordsPerBatch: 1, recordBytes: RECORD_BYTES },
  bytes: 96_000_000,
  inFlight: 64,
};

/** Small batches: stored, brought back, read. */
export async function measureSmallBatches(site: TierSite): Promise<void> {
  await using home = new Home(site);
  await measureLife(site, home, SMALL);
}

/** Large ones, and what those who read the newest records feel of those who read the oldest. */
export async function measureLargeBatches(site: TierSite): Promise<void> {
  await using home = new Home(site);
  await measureLife(site, home, LARGE);
  await measureTail(site, home, LARGE);
}

async function measureLife(site: TierSite, home: Home, freight: Freight): Promise<void> {
  // Nothing is stored before the stop.
  await home.start({ bucket: true, flags: ["--s3-flush-interval=24h"] });
  await fill(home, TOPIC, { ...freight, partitions: PARTITIONS });
  const loadedBytes = residentBytes(home.broker.pid);
  const ending = await home.stop();
  const { seconds, objectBytes } = ending;
  site.rows.note("flush", {
    name: `flush-${freight.suffix}`,
    title: `all of ${PARTITIONS} partitions stored at a stop: ${freight.words}`,
  }, {
    megabytes: inMegabytes(objectBytes),
    megabytesPerSecond: inMegabytes(objectBytes) / seconds,
    cpuMsPerMegabyte: msPerMegabyte(ending.cpuSeconds, objectBytes),
    serverCpuMsPerMegabyte: msPerMegabyte(ending.serverCpuSeconds, objectBytes),
    loadedMegabytes: inMegabytes(loadedBytes),
    peakMegabytes: inMegabytes(ending.peakBytes),
  });
  await home.loseDisk();
  const broker = await home.start({ bucket: true });
  const restoredMs = broker.startMs;
  const restorePeakBytes = broker.peakResidentBytes();
  const read = await readCold(site, home, freight);
  site.rows.note("recovery", {
    name: `disk-loss-${freight.suffix}`,
    title: `started on an empty disk, all from the bucket: ${freight.words}`,
  }, {
    records: read.records,
    seconds: restoredMs / 1000,
    peakMegabytes: inMegabytes(restorePeakBytes),
  });
}

function readJob({ batch }: Freight, connections: number) {
  return {
    kind: "storedRead",
    topic: TOPIC,
    partitions: PARTITIONS,
    connections,
    fetchBytes: FETCH_BYTES,
    recordBytes: batch.recordBytes,
  } as const;
}

/** Reads everything with one consumer, and with several. */
async function readCold(site: TierSite, home: Home, freight: Freight): Promise<LoadResult> {
  const [one, several] = CONSUMERS;
  const first = await readBy(site, home, freight, one);
  const again = await readBy(site, home, freight, several);
  if (again.records === first.records) return first;
  throw new Error(`${several} consumers read ${again.records} records, ${one} read ${first.records}`);
}

async function readBy(site: TierSite, home: Home, freight: Freight, consumers: number): Promise<LoadResult> {
  const job = { ...readJob(freight, consumers), isEndless: false, warmupMs: 0, windowMs: READ_MS_MAX };
  const read = await runLoad(job, home.target);
  const who = consumers === 1 ? "1 consumer" : `${consumers} consumers`;
  site.rows.note("cold", {
    name: `cold-${freight.suffix}-${consumers}`,
    title: `${freight.words} that only the bucket has, fetches of 1 MiB by ${who}`,
  }, {
    megabytesPerSecond: inMegabytes(read.bytes) / (read.windowMs / 1000),
    p99Ms: read.latency.p99Ms,
    cpuMsPerMegabyte: msPerMegabyte(read.brokerCpuSeconds, read.bytes),
    peakMegabytes: inMegabytes(read.brokerPeakBytes),
  });
  return read;
}

/** From producer to consumer at a fixed rate, alone and beside consumers of what only the bucket has. */
async function measureTail(site: TierSite, home: Home, freight: Freight): Promise<void> {
  const tail = (topic: string) => {
    const rate = { recordsPerSecond: TAIL_RATE, recordBytes: RECORD_BYTES };
    return runLoad({ kind: "endToEnd", topic, ...rate, ...site.times }, home.target);
  };
  const alone = await tail("bench-tail-alone");
  site.rows.note("beside", { name: "tail", title: "20,000 records/s from producer to consumer" }, {
    p50Ms: alone.latency.p50Ms,
    p99Ms: alone.latency.p99Ms,
  });
  for (const consumers of CONSUMERS) {
    const { warmupMs, windowMs } = site.times;
    const cold = { ...readJob(freight, consumers), isEndless: true, warmupMs, windowMs: windowMs + warmupMs };
    const [beside, reading] = await Promise.all([
      tail(`bench-tail-${consumers}`),
      runLoad(cold, home.target),
    ]);
    const who = consumers === 1 ? "a consumer" : `${consumers} consumers`;
    site.rows.note("beside", {
      name: `tail-beside-${consumers}`,
      title: `the same beside ${who} at full speed, whose MB/s these are, of what only the bucket has`,
    }, {
      megabytesPerSecond: inMegabytes(reading.bytes) / (reading.windowMs / 1000),
      p50Ms: beside.latency.p50Ms,
      p99Ms: beside.latency.p99Ms,
    });
  }
}
