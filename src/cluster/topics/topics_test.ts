import assert from "node:assert/strict";
import { ErrorCode } from "../../base/error_codes.ts";
import { ClusterState } from "../cluster_state.ts";
import type { Decision } from "../decision.ts";
import { decideCreatePartitions } from "./create_partitions.ts";
import { type CreateTopicCommand, decideCreateTopic, type TopicLimits } from "./create_topic.ts";
import { decideDeleteTopic } from "./delete_topic.ts";

const LIMITS: TopicLimits = {
  nodeId: 7,
  defaultPartitions: 3,
  maxPartitionsPerRequest: 100,
  maxPartitions: 150,
};

let ids = 0;

function create(state: ClusterState, topic: Partial<CreateTopicCommand> & { name: string }): Decision {
  const command = { partitions: -1, replicationFactor: -1, assignments: [], configs: [], ...topic };
  return decideCreateTopic(state, command, LIMITS, `id-${++ids}`);
}

/** Applies what was decided, or gives the error. */
function settle(state: ClusterState, decision: Decision): number {
  if ("error" in decision) return decision.error;
  for (const record of decision.records) state.apply(record);
  return ErrorCode.NONE;
}

Deno.test("a topic gets the default number of partitions unless it asks for its own", () => {
  const state = new ClusterState();
  assert.equal(settle(state, create(state, { name: "a" })), ErrorCode.NONE);
  assert.equal(
    settle(state, create(state, { name: "b", partitions: 2, replicationFactor: 1 })),
    ErrorCode.NONE,
  );
  assert.equal(state.topic("a")?.partitions.length, 3);
  assert.deepEqual(state.topic("b")?.partitions.map((partition) => partition.stream), [4, 5]);
});

Deno.test("what Kafka refuses about a new topic is refused with Kafka's code", () => {
  const state = new ClusterState();
  settle(state, create(state, { name: "a.b" }));
  const refused: [Partial<CreateTopicCommand> & { name: string }, number][] = [
    [{ name: "a.b" }, ErrorCode.TOPIC_ALREADY_EXISTS],
    [{ name: "a_b" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: "" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: ".." }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: "a/b" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: "x".repeat(250) }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: "c", partitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    [{ name: "c", partitions: -2 }, ErrorCode.INVALID_PARTITIONS],
    [{ name: "c", partitions: 2147483647 }, ErrorCode.POLICY_VIOLATION],
    [{ name: "c", replicationFactor: 0 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    [{ name: "c", replicationFactor: 3 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    [{ name: "c", configs: [{ name: "nonsense", value: "1" }] }, ErrorCode.INVALID_CONFIG],
    [{ name: "c", configs: [{ name: "retention.ms", value: "soon" }] }, ErrorCode.INVALID_CONFIG],
    [{ name: "c", configs: [{ name: "retention.ms", value: null }] }, ErrorCode.INVALID_CONFIG],
    [{ name: "c", configs: [{ name: "cleanup.policy", value: "shred" }] }, ErrorCode.INVALID_CONFIG],
    [{ name: "c", configs: [{ name: "segment.bytes", value: "1" }] }, ErrorCode.INVALID_CONFIG],
    [{ name: "c", partitions: 1, assignments: [{ partition: 0, replicas: [7] }] }, ErrorCode.INVALID_REQUEST],
    [{ name: "c", assignments: [{ partition: 1, replicas: [7] }] }, ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    [{ name: "c", assignments: [{ partition: 0, replicas: [8] }] }, ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    [{ name: "c", assignments: [{ partition: 0, replicas: [] }] }, ErrorCode.INVALID_REPLICA_ASSIGNMENT],
    [{ name: "c", assignments: [{ partition: 0, replicas: [7, 7] }] }, ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ];
  for (const [topic, code] of refused) {
    assert.equal(settle(state, create(state, topic)), code, JSON.stringify(topic).slice(0, 80));
  }
  assert.equal([...state.topics()].length, 1);
});

Deno.test("the broker's bound of partitions holds over all topics", () => {
  const state = new ClusterState();
  assert.equal(settle(state, create(state, { name: "a", partitions: 100 })), ErrorCode.NONE);
  assert.equal(settle(state, create(state, { name: "b", partitions: 51 })), ErrorCode.POLICY_VIOLATION);
  assert.equal(settle(state, create(state, { name: "b", partitions: 50 })), ErrorCode.NONE);
});

Deno.test("replicas that a client places itself may only be this broker", () => {
  const state = new ClusterState();
  const assignments = [{ partition: 1, replicas: [7] }, { partition: 0, replicas: [7] }];
  assert.equal(settle(state, create(state, { name: "a", assignments })), ErrorCode.NONE);
  assert.equal(state.topic("a")?.partitions.length, 2);
});

Deno.test("configs are kept and obeyed", () => {
  const state = new ClusterState();
  const configs = [
    { name: "message.timestamp.type", value: " LogAppendTime " },
    { name: "max.message.bytes", value: "2000" },
    { name: "cleanup.policy", value: "compact,delete" },
  ];
  assert.equal(settle(state, create(state, { name: "a", configs })), ErrorCode.NONE);
  const settings = state.topic("a")?.settings;
  assert.equal(settings?.logAppendTime, true);
  assert.equal(settings?.maxMessageBytes, 2000);
  assert.equal(settings?.compacted, true);
});

Deno.test("partitions are added, never taken away", () => {
  const state = new ClusterState();
  settle(state, create(state, { name: "a", partitions: 2 }));
  const grow = (totalCount: number, assignments: number[][] | null = null) =>
    settle(state, decideCreatePartitions(state, { name: "a", totalCount, assignments }, LIMITS));
  assert.equal(grow(2), ErrorCode.INVALID_PARTITIONS);
  assert.equal(grow(1), ErrorCode.INVALID_PARTITIONS);
  assert.equal(grow(2147483647), ErrorCode.POLICY_VIOLATION);
  assert.equal(grow(4, [[7]]), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
  assert.equal(grow(4, [[7], [8]]), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
  assert.equal(grow(4, [[7], [7]]), ErrorCode.NONE);
  assert.equal(state.topic("a")?.partitions.length, 4);
  const unknown = decideCreatePartitions(state, { name: "b", totalCount: 1, assignments: null }, LIMITS);
  assert.equal(settle(state, unknown), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
});

Deno.test("a deleted topic is gone by name and by id, and its name is free again", () => {
  const state = new ClusterState();
  settle(state, create(state, { name: "a" }));
  const id = state.topic("a")?.id ?? "";
  assert.equal(settle(state, decideDeleteTopic(state, { id })), ErrorCode.NONE);
  assert.equal(settle(state, decideDeleteTopic(state, { id })), ErrorCode.UNKNOWN_TOPIC_ID);
  assert.equal(settle(state, decideDeleteTopic(state, { name: "a" })), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  assert.equal(settle(state, create(state, { name: "a" })), ErrorCode.NONE);
  assert.notEqual(state.topic("a")?.partitions[0]?.stream, 1, "stream numbers are never used twice");
});

Deno.test("a restored snapshot is the same state", () => {
  const state = new ClusterState();
  settle(state, create(state, { name: "a", configs: [{ name: "retention.ms", value: "5" }] }));
  settle(state, create(state, { name: "b", partitions: 1 }));
  settle(state, decideCreatePartitions(state, { name: "a", totalCount: 5, assignments: null }, LIMITS));
  settle(state, decideDeleteTopic(state, { name: "b" }));
  state.apply({ type: "producer_ids_allocated", next: 3000 });
  state.apply({ type: "leader_epoch_raised", epoch: 2 });
  const restored = ClusterState.restore(JSON.parse(JSON.stringify(state.snapshot())));
  assert.deepEqual(restored.snapshot(), state.snapshot());
  assert.equal(restored.partitionCount, state.partitionCount);
  assert.equal(restored.collidingTopic("a"), restored.topic("a"));
});
