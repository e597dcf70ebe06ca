import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { decideDeleteRecords } from "./delete_records.ts";
import { type Partition, Topic } from "./topic.ts";

const LOG = { logStartOffset: 10, highWatermark: 20 };

function partition(configs: Readonly<Record<string, string>> = {}, name = "orders"): Partition {
  const topic = new Topic(name, "id", configs);
  topic.addPartitions(7, 1);
  return topic.partitions[0]!;
}

function errorOf(decision: ReturnType<typeof decideDeleteRecords>): number {
  return "error" in decision ? decision.error : ErrorCode.NONE;
}

Deno.test("records below an offset are deleted up to the high watermark, and none twice", () => {
  const moved = (offset: number) => ({ records: [{ type: "log_start_moved", stream: 7, offset }] });
  assert.deepEqual(decideDeleteRecords(partition(), LOG, 11), moved(11));
  assert.deepEqual(decideDeleteRecords(partition(), LOG, 20), moved(20));
  assert.deepEqual(decideDeleteRecords(partition(), LOG, -1), moved(20));
  for (const offset of [0, 9, 10]) {
    assert.deepEqual(decideDeleteRecords(partition(), LOG, offset), { records: [] });
  }
});

Deno.test("nothing is deleted behind the high watermark or below zero", () => {
  for (const offset of [21, Number.MAX_SAFE_INTEGER, -2, Number.MIN_SAFE_INTEGER]) {
    assert.equal(errorOf(decideDeleteRecords(partition(), LOG, offset)), ErrorCode.OFFSET_OUT_OF_RANGE);
  }
});

Deno.test("a topic that is only compacted keeps its records, whatever is asked for", () => {
  for (const offset of [15, -1, 99]) {
    const decision = decideDeleteRecords(partition({ "cleanup.policy": "compact" }), LOG, offset);
    assert.equal(errorOf(decision), ErrorCode.POLICY_VIOLATION);
  }
  for (const policy of ["delete", "compact,delete", "delete, compact", ""]) {
    const decision = decideDeleteRecords(partition({ "cleanup.policy": policy }), LOG, 15);
    assert.equal(errorOf(decision), ErrorCode.NONE, policy);
  }
});

Deno.test("topics that Kafka keeps for itself are left alone", () => {
  const decision = decideDeleteRecords(partition({}, "__consumer_offsets"), LOG, 15);
  assert.equal(errorOf(decision), ErrorCode.INVALID_TOPIC_EXCEPTION);
});
