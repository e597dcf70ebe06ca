import assert from "node:assert/strict";
import { readAll, type TopicRef } from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";
import { type IdempotentWriter, KEYS, recordValue } from "./idempotent_writer.ts";

/** What a topic keeps of what is written to it, and the configs that say so. */
export const KEPT = {
  all: {},
  /** The newest ones. */
  newest: { "retention.bytes": "300000" },
  /** At least the last one of each key. */
  latest: { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01" },
} as const;

export type Kept = keyof typeof KEPT;

/** A topic, what it keeps, and those who alone write to it. */
export interface KeptTopic {
  readonly topic: TopicRef;
  readonly kept: Kept;
  readonly writers: readonly IdempotentWriter[];
}

/**
 * Each record that the topic has to keep is there once, in order, at the offset that was acknowledged, and there is
 * nothing that was never sent. Answers how many records were written.
 */
export async function checkKept(client: WireClient, { topic, kept, writers }: KeptTopic): Promise<number> {
  let total = 0;
  for (const batches of writers.map((writer) => Map.groupBy(writer.batches, ({ partition }) => partition))) {
    for (const [partition, sent] of batches) {
      for (const { firstNumber, baseOffset } of sent) {
        assert.equal(baseOffset, firstNumber, "all that was sent was acknowledged in the end");
      }
      const count = sent.reduce((sum, batch) => sum + batch.count, 0);
      const place = `partition ${partition} of ${topic.name}`;
      const records = await readAll(client, topic, partition);
      for (const { offset, value } of records) {
        assert.equal(value, recordValue(partition, offset), `record ${offset} of ${place}`);
      }
      checkOffsets(records.map(({ offset }) => offset), count, kept, place);
      total += count;
    }
  }
  return total;
}

function checkOffsets(offsets: readonly number[], count: number, kept: Kept, place: string): void {
  const first = kept === "all" ? 0 : kept === "newest" ? offsets[0] ?? count : Math.max(0, count - KEYS);
  const there = new Set(offsets);
  const missing = Array.from({ length: count - first }, (_, index) => first + index)
    .filter((offset) => !there.has(offset));
  assert.equal(
    missing.length,
    0,
    `${place} has ${offsets.length} of ${count}: not ${missing[0]}, ${missing.at(-1)}`,
  );
  const isRising = offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]!);
  assert.ok(isRising, `each record of ${place} is there once, in order`);
}
