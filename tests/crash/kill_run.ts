import assert from "node:assert/strict";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import { WireClient } from "../support/wire_client.ts";
import { IdempotentWriter, recordValue } from "./idempotent_writer.ts";
import { readPartition } from "../support/read_partition.ts";

const TOPIC = "crash";
/** Small segments, so that they roll over, are covered by snapshots and read from files. */
const FLAGS = ["--wal-segment-max-bytes=2MiB", "--chunk-pool-memory=4MiB"];
const LONGEST_LIFE_MS = 400;

export interface KillRun {
  readonly kills: number;
  readonly writers: number;
  readonly seed: number;
}

export interface KillOutcome {
  readonly acknowledged: number;
  readonly stored: number;
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Writes from several idempotent producers while the broker is killed again and
 * again, then reads everything back and holds it against what was acknowledged.
 */
export async function killRun({ kills, writers: count, seed }: KillRun): Promise<KillOutcome> {
  const random = seeded(seed);
  const dir = await Deno.makeTempDir({ prefix: "klite-crash-" });
  const port = freePort();
  const start = () => BrokerProcess.start({ port, dir, flags: FLAGS });
  try {
    let broker = await start();
    await createTopic(port, count);
    const writers = Array.from({ length: count }, (_, i) => new IdempotentWriter(port, TOPIC, i, random));
    const runs = Promise.all(writers.map((writer) => writer.run()));
    const ended = runs.then(() => "ended" as const);
    for (let i = 0; i < kills; i++) {
      const life = new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE_MS));
      const first = await Promise.race([life, ended]);
      assert.notEqual(first, "ended", "the writers write until they are told to stop");
      await broker.kill();
      broker = await start();
    }
    for (const writer of writers) writer.stop();
    await runs;
    // A last, orderly restart: what is read back comes from disk, not from memory.
    await broker.stop();
    broker = await start();
    const outcome = await check(port, writers);
    await broker.stop();
    return outcome;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function createTopic(port: number, partitions: number): Promise<void> {
  await using client = await WireClient.connect(port);
  await client.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{ name: TOPIC, numPartitions: partitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 30_000,
    validateOnly: false,
  });
}

/** Each record once, in order, at the offset that was acknowledged; nothing that was never sent. */
async function check(port: number, writers: readonly IdempotentWriter[]): Promise<KillOutcome> {
  await using client = await WireClient.connect(port);
  let acknowledged = 0;
  let stored = 0;
  for (const writer of writers) {
    const records = await readPartition(client, TOPIC, writer.partition);
    for (const [index, { offset, value }] of records.entries()) {
      assert.equal(offset, index, `offsets of partition ${writer.partition} are contiguous`);
      assert.equal(value, recordValue(index), `record ${index} of partition ${writer.partition}`);
    }
    for (const { firstNumber, count, baseOffset } of writer.batches) {
      assert.equal(baseOffset, firstNumber, "each batch was acknowledged at the one offset that it has");
      assert.ok(firstNumber + count <= records.length, `acknowledged record ${firstNumber} is there`);
    }
    acknowledged += writer.acknowledged;
    stored += records.length;
  }
  assert.equal(
    stored,
    acknowledged,
    "all that was sent was acknowledged in the end, and nothing else is there",
  );
  return { acknowledged, stored };
}
