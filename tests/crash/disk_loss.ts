/** The loss of a disk with much on it, and how long a start takes that has to bring things back. */
import { setTimeout as sleep } from "node:timers/promises";
import assert from "node:assert/strict";
import { BrokerProcess } from "../support/broker_process.ts";
import { createTopic, type TopicRef } from "../support/requests.ts";
import { S3Server } from "../support/s3_server.ts";
import { WireClient } from "../support/wire_client.ts";
import { type FoundPartitions, objectsOf, storedEnd } from "./bucket_contents.ts";
import { NumberedLoad, readNumbered } from "./numbered_load.ts";

const TOPIC = "numbered";
const CONNECTIONS = 4;
const RECORDS_PER_BATCH = 200;
const POLL_MS = 500;
/** As long as a new broker has to watch the lease of one that died. */
const LEASE_SECONDS = 3;
const MIB = 2 ** 20;

/** How much is lost with the disk. */
export interface DiskLossRun {
  /** Acknowledged, and in the bucket, when the disk is lost; as many as go evenly into the partitions. */
  readonly records: number;
  readonly partitions: number;
  readonly flushSeconds: number;
}

/** What came of it. */
export interface DiskLossFigures {
  readonly partitions: number;
  readonly recordsAcknowledged: number;
  readonly recordsBack: number;
  /** Acknowledged after the last flush, and lost: the last ones of their partitions. */
  readonly recordsLost: number;
  readonly objects: number;
  readonly objectMebibytes: number;
  readonly loadSeconds: number;
  /** From the start of the process to its first answer, with the wait for the lease. */
  readonly restoreSeconds: number;
  readonly leaseSeconds: number;
  readonly readSeconds: number;
  readonly loadPeakMebibytes: number;
  readonly restorePeakMebibytes: number;
  readonly readPeakMebibytes: number;
}

/**
 * Loads, waits until all of it is in the bucket, goes on loading, kills, deletes the data directory, starts, and
 * reads everything back: what the bucket had is there, exactly once, and what it had not is the end of each partition.
 */
export async function diskLossRun(run: DiskLossRun): Promise<DiskLossFigures> {
  await using s3 = await S3Server.start();
  const dir = await Deno.makeTempDir({ prefix: "klite-disk-loss-" });
  const start = () =>
    BrokerProcess.start({
      dir: `${dir}/data`,
      env: s3.env,
      flags: flagsFor(s3, run),
      readyTimeoutMs: 600_000,
    });
  try {
    const loaded = await loadAndKill(await start(), s3, run);
    const found = await objectsOf(s3, TOPIC);
    await Deno.remove(`${dir}/data`, { recursive: true });
    const broker = await start();
    try {
      const restorePeakMebibytes = mebibytes(broker.peakResidentBytes());
      const { recordsBack, readSeconds } = await readBack(broker.port, loaded, found);
      const objects = [...found.values()].flat();
      return {
        partitions: run.partitions,
        recordsAcknowledged: loaded.load.total,
        recordsBack,
        recordsLost: loaded.load.total - recordsBack,
        objects: objects.length,
        objectMebibytes: mebibytes(objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
        loadSeconds: loaded.loadSeconds,
        restoreSeconds: broker.startMs / 1000,
        leaseSeconds: LEASE_SECONDS,
        readSeconds,
        loadPeakMebibytes: loaded.peakMebibytes,
        restorePeakMebibytes,
        readPeakMebibytes: mebibytes(broker.peakResidentBytes()),
      };
    } catch (error) {
      throw new Error(`with a broker that said:\n${broker.log()}`, { cause: error });
    } finally {
      await broker.kill();
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

interface Loaded {
  readonly topic: TopicRef;
  readonly load: NumberedLoad;
  readonly loadSeconds: number;
  readonly peakMebibytes: number;
}

async function loadAndKill(broker: BrokerProcess, s3: S3Server, run: DiskLossRun): Promise<Loaded> {
  try {
    const recordsEach = Math.ceil(run.records / run.partitions);
    const topic = await makeTopic(broker.port, run.partitions);
    const load = new NumberedLoad(broker.port, topic, {
      partitions: run.partitions,
      connections: CONNECTIONS,
      recordsPerBatch: RECORDS_PER_BATCH,
    });
    const began = performance.now();
    await load.run(recordsEach);
    const loadSeconds = (performance.now() - began) / 1000;
    const { total } = load;
    while (storedTotal(await objectsOf(s3, TOPIC)) < total) await sleep(POLL_MS);
    // Some of this is flushed when the end comes, and some is not.
    const going = load.run(recordsEach);
    while (load.total < total * 1.01) await sleep(10);
    await sleep(run.flushSeconds * 1000 * 1.5);
    const peakMebibytes = mebibytes(broker.peakResidentBytes());
    await broker.kill();
    await going;
    return { topic, load, loadSeconds, peakMebibytes };
  } catch (error) {
    await broker.kill();
    throw new Error(`with a broker that said:\n${broker.log()}`, { cause: error });
  }
}

async function readBack(
  port: number,
  { topic, load }: Loaded,
  found: FoundPartitions,
): Promise<{ readonly recordsBack: number; readonly readSeconds: number }> {
  const began = performance.now();
  let recordsBack = 0;
  const read = async (index: number) => {
    await using client = await WireClient.connect(port);
    for (let partition = index; partition < load.acknowledged.length; partition += CONNECTIONS) {
      const count = await readNumbered(client, topic, partition);
      assert.equal(count, storedEnd(found.get(partition) ?? []), `the end of partition ${partition}`);
      // More than was acknowledged may be there: answers that were under way.
      recordsBack += Math.min(count, load.acknowledged[partition]!);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => read(index)));
  return { recordsBack, readSeconds: (performance.now() - began) / 1000 };
}

async function makeTopic(port: number, partitions: number): Promise<TopicRef> {
  await using client = await WireClient.connect(port);
  return await createTopic(client, TOPIC, { partitions, configs: { "retention.ms": "-1" } });
}

function storedTotal(found: FoundPartitions): number {
  return found.values().reduce((sum, objects) => sum + storedEnd(objects), 0);
}

function flagsFor(s3: S3Server, { flushSeconds }: DiskLossRun): string[] {
  return [
    ...[`--s3-bucket=${s3.bucket}`, `--s3-endpoint=${s3.endpoint}`, "--cluster-id=crash"],
    ...[`--s3-flush-interval=${flushSeconds}s`, "--s3-flush-check-interval=500ms"],
    ...[`--lease-duration=${LEASE_SECONDS}s`, "--lease-renew-interval=1s", "--lease-retry-interval=500ms"],
  ];
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MIB);
}
