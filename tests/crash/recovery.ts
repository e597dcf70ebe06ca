/** How long klite takes to come back on the disk that it had. */
import { BrokerProcess } from "../support/broker_process.ts";
import { createTopic } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { NumberedLoad, readNumbered } from "./numbered_load.ts";

const TOPIC = "numbered";
const CONNECTIONS = 4;
const RECORDS_PER_BATCH_MAX = 200;
const MIB = 2 ** 20;

/** What is in the log when the broker ends. */
export interface RecoveryRun {
  readonly records: number;
  readonly partitions: number;
}

/** What the starts took, from the beginning of the process to its first answer. */
export interface RecoveryFigures extends RecoveryRun {
  readonly recordsPerBatch: number;
  readonly logMebibytes: number;
  /** After a kill: the newest snapshot, and what came behind it in the log. */
  readonly killedMs: number;
  readonly replayedBatches: number;
  readonly killedPeakMebibytes: number;
  /** After an orderly stop: a snapshot of all. */
  readonly stoppedMs: number;
}

/** Loads, kills, starts, reads all back, stops and starts, without a bucket and with room in the log for all. */
export async function recoveryRun({ records, partitions }: RecoveryRun): Promise<RecoveryFigures> {
  const dir = await Deno.makeTempDir({ prefix: "klite-recovery-" });
  const start = () => BrokerProcess.start({ dir, flags: ["--wal-max-disk-size=0"], readyTimeoutMs: 300_000 });
  const recordsEach = Math.ceil(records / partitions);
  const recordsPerBatch = Math.min(RECORDS_PER_BATCH_MAX, recordsEach);
  let broker = await start();
  try {
    let client = await WireClient.connect(broker.port);
    const topic = await createTopic(client, TOPIC, { partitions });
    await client[Symbol.asyncDispose]();
    const shape = { partitions, connections: CONNECTIONS, recordsPerBatch };
    if (records > 0) await new NumberedLoad(broker.port, topic, shape).run(recordsEach);
    await broker.kill();
    const logMebibytes = Math.round(await sizeOf(`${dir}/wal`) / MIB);
    broker = await start();
    const killed = {
      killedMs: Math.round(broker.startMs),
      replayedBatches: Number(/replayedBatches\D*(\d+)/.exec(broker.log())?.[1] ?? NaN),
      killedPeakMebibytes: Math.round(broker.peakResidentBytes() / MIB),
    };
    client = await WireClient.connect(broker.port);
    for (let partition = 0; partition < partitions; partition++) {
      const count = await readNumbered(client, topic, partition);
      if (count !== recordsEach) throw new Error(`${count} of ${recordsEach} records in ${partition}`);
    }
    await client[Symbol.asyncDispose]();
    await broker.stop();
    broker = await start();
    const stoppedMs = Math.round(broker.startMs);
    return { records, partitions, recordsPerBatch, logMebibytes, ...killed, stoppedMs };
  } finally {
    await broker.kill();
    await Deno.remove(dir, { recursive: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) bytes += (await Deno.stat(`${folder}/${name}`)).size;
  return bytes;
}
