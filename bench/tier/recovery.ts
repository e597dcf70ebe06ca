/** How long a start takes that finds a full log, and what many partitions take of time and memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { recordsPerBatch } from "../load/batches.ts";
import { resetPeak, residentBytes } from "../measure/process.ts";
import { RECORD_BYTES } from "../scenarios/scenario.ts";
import { fill, type Filling } from "./fill.ts";
import { Home, inMegabytes, msPerMegabyte, type TierSite } from "./site.ts";

const TOPIC = "bench-found";
const SETTLE_MS = 1000;
const FLUSHED_PARTITIONS = 1000;

const LOGS: readonly (Filling & { readonly name: string; readonly words: string })[] = [
  {
    name: "log-1k",
    words: "a full log of 1 KiB records in 64 KiB batches",
    batch: { recordsPerBatch: recordsPerBatch(64 * 1024, RECORD_BYTES), recordBytes: RECORD_BYTES },
    bytes: 512_000_000,
    partitions: 4,
    inFlight: 4,
  },
  {
    name: "log-100b",
    words: "a log of 100 B records in 16 KiB batches",
    batch: { recordsPerBatch: recordsPerBatch(16 * 1024, 100), recordBytes: 100 },
    bytes: 100_000_000,
    partitions: 4,
    inFlight: 5,
  },
];

/** Killed with a log full of records, with many partitions, and started again. */
export async function measureLocalRecovery(site: TierSite): Promise<void> {
  const emptyMs = await startOnNothing(site);
  for (const log of LOGS) {
    await using home = new Home(site);
    await home.start({ bucket: false });
    const { records } = await fill(home, TOPIC, log);
    const startMs = await killAndStart(home);
    site.rows.note("recovery", { name: log.name, title: `started after SIGKILL: ${log.words}` }, {
      records,
      seconds: startMs / 1000,
      secondsPerMillion: Math.max(0, startMs - emptyMs) / 1000 / records * 1e6,
      peakMegabytes: inMegabytes(home.broker.peakResidentBytes()),
    });
  }
}

/** The same with many partitions that have a batch each. */
export async function measurePartitions(site: TierSite): Promise<void> {
  for (const partitions of [1000, 10_000]) {
    await using home = new Home(site);
    await home.start({ bucket: false });
    const batch = { recordsPerBatch: 1, recordBytes: RECORD_BYTES };
    await fill(home, TOPIC, { batch, bytes: partitions * RECORD_BYTES, partitions, inFlight: 8 });
    const startMs = await killAndStart(home);
    await sleep(SETTLE_MS);
    const count = partitions.toLocaleString("en-US");
    const title = `started after SIGKILL with ${count} partitions, a batch or two in each`;
    site.rows.note("partitions", { name: `partitions-${partitions}-log`, title }, {
      seconds: startMs / 1000,
      restMegabytes: inMegabytes(residentBytes(home.broker.pid)),
      peakMegabytes: inMegabytes(home.broker.peakResidentBytes()),
    });
  }
  await measureManyObjects(site);
}

/** An object of each of many partitions stored, and all of them found again on an empty disk. */
async function measureManyObjects(site: TierSite): Promise<void> {
  await using home = new Home(site);
  await home.start({ bucket: true, flags: ["--s3-flush-interval=24h"] });
  await sleep(SETTLE_MS);
  const restBytes = residentBytes(home.broker.pid);
  const batch = { recordsPerBatch: recordsPerBatch(16 * 1024, RECORD_BYTES), recordBytes: RECORD_BYTES };
  await fill(home, TOPIC, { batch, bytes: 128_000_000, partitions: FLUSHED_PARTITIONS, inFlight: 5 });
  await sleep(SETTLE_MS);
  const loadedBytes = residentBytes(home.broker.pid);
  resetPeak(home.broker.pid);
  const ending = await home.stop();
  const count = FLUSHED_PARTITIONS.toLocaleString("en-US");
  const title = `an object of each of ${count} partitions stored at a stop: 16 KiB batches`;
  site.rows.note("partitions", { name: `partitions-${FLUSHED_PARTITIONS}-flush`, title }, {
    megabytes: inMegabytes(ending.objectBytes),
    seconds: ending.seconds,
    megabytesPerSecond: inMegabytes(ending.objectBytes) / ending.seconds,
    cpuMsPerMegabyte: msPerMegabyte(ending.cpuSeconds, ending.objectBytes),
    serverCpuMsPerMegabyte: msPerMegabyte(ending.serverCpuSeconds, ending.objectBytes),
    restMegabytes: inMegabytes(restBytes),
    loadedMegabytes: inMegabytes(loadedBytes),
    peakMegabytes: inMegabytes(ending.peakBytes),
  });
  await home.loseDisk();
  const broker = await home.start({ bucket: true });
  const peakBytes = broker.peakResidentBytes();
  await sleep(SETTLE_MS);
  site.rows.note("partitions", {
    name: `partitions-${FLUSHED_PARTITIONS}-disk-loss`,
    title: `started on an empty disk: ${ending.objects} objects of ${count} partitions from the bucket`,
  }, {
    seconds: broker.startMs / 1000,
    restMegabytes: inMegabytes(residentBytes(broker.pid)),
    peakMegabytes: inMegabytes(peakBytes),
  });
}

async function startOnNothing(site: TierSite): Promise<number> {
  await using home = new Home(site);
  return (await home.start({ bucket: false })).startMs;
}

async function killAndStart(home: Home): Promise<number> {
  await home.broker.kill();
  return (await home.start({ bucket: false })).startMs;
}
