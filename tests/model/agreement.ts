import assert from "node:assert/strict";
import type { ClusterSnapshot, ClusterState } from "../../src/cluster/mod.ts";
import { ConsumerGroup } from "../../src/cluster/groups/mod.ts";
import type { Engine, Replay } from "../../src/engine/mod.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import type { PartitionLogSnapshot } from "../../src/log/mod.ts";
import { type ClusterModel, offsetKey } from "./cluster_model.ts";

/** No producer has been silent since before that. */
const NOTHING_EXPIRES = 0;

/** What consumers see of the partition is what the model says, from some offset on that chance gives. */
export function assertPartition(
  engine: Engine,
  model: ClusterModel,
  stream: number,
  random: SimRandom,
): void {
  const log = engine.logs.of(stream);
  const { highWatermark, lastStableOffset, logEndOffset } = log;
  assert.ok(lastStableOffset <= highWatermark && highWatermark <= logEndOffset, "LSO <= HW <= LEO");
  assert.equal(logEndOffset, model.endOffset(stream), "the log's end");
  assert.equal(
    highWatermark,
    model.highWatermark(stream, engine.wal.durableLsn),
    "what is durable is visible",
  );
  assert.equal(lastStableOffset, model.lastStableOffset(stream, highWatermark), "the last stable offset");

  // As a client reads: aborted transactions begin where they are said to, and end with their marker.
  const fromOffset = random.below(lastStableOffset + 1);
  const aborted = log.abortedIn(fromOffset, lastStableOffset).toSorted((a, b) =>
    a.firstOffset - b.firstOffset
  );
  const skipped = new Set<number>();
  for (const { batch, isSeen } of model.batchesIn(stream, fromOffset, lastStableOffset)) {
    while (aborted.length > 0 && aborted[0]!.firstOffset < batch.endOffset) {
      skipped.add(aborted.shift()!.producerId);
    }
    if (batch.marker === "abort") skipped.delete(batch.producerId);
    if (batch.marker !== null) continue;
    const isRead = !batch.isTransactional || !skipped.has(batch.producerId);
    assert.equal(isRead, isSeen, `records at ${batch.baseOffset} read from ${fromOffset}`);
  }
}

/** The group has committed what the model says, and what is pending is not visible. */
export function assertOffsets(state: ClusterState, model: ClusterModel, group: string): void {
  const { offsets } = state;
  for (const { id, partitions } of state.topics()) {
    for (const { index } of partitions) {
      const key = offsetKey(group, id, index);
      assert.equal(
        offsets.committed(group, id, index)?.offset,
        model.committed.get(key)?.offset,
        `the offset of ${key}`,
      );
      assert.equal(offsets.isPending(group, id, index), model.isPending(key), `pending for ${key}`);
    }
  }
}

/** Transactional ids have the producers, and the open transactions, that the model says. */
export function assertTransactions({ transactions }: ClusterState, model: ClusterModel): void {
  assert.equal(transactions.size, model.transactions.size);
  for (const { id, producerId, epoch, openMs, streams } of model.transactions.values()) {
    const actual = transactions.get(id);
    assert.deepEqual([actual?.producerId, actual?.epoch], [producerId, epoch], `the producer of ${id}`);
    assert.equal(actual?.isOpen, openMs !== null, `whether ${id} is open`);
    assert.deepEqual([...actual.streams].sort(), [...streams].sort(), `the partitions of ${id}`);
  }
}

/** Replaying the log gives the same state: `mirror` has been told every entry and nothing else. */
export function assertSameState({ state, logs }: Engine, mirror: Replay): void {
  assert.deepEqual(
    timeless(state.snapshot()),
    timeless(mirror.state.snapshot()),
    "replaying the log gives the same state",
  );
  assert.deepEqual(targetsOf(state), targetsOf(mirror.state));
  assert.equal(state.groups.heldBytes, mirror.state.groups.heldBytes);
  assert.equal(state.offsets.heldBytes, mirror.state.offsets.heldBytes);
  const expected = mirror.logs.snapshot(NOTHING_EXPIRES);
  assert.deepEqual(
    unseen(logs.snapshot(NOTHING_EXPIRES)),
    unseen(expected),
    "and the same partitions",
  );
}

/** What the members of consumer groups are to have, by group and member. */
function targetsOf({ groups }: ClusterState) {
  return Array.from(
    groups,
    (group) =>
      group instanceof ConsumerGroup ? Array.from(group.members(), ({ info }) => group.target(info.id)) : [],
  );
}

/** Without the times that are those of the replay where records of a transaction say by themselves that it is open. */
function timeless(snapshot: ClusterSnapshot) {
  const transactions = snapshot.transactions.map(({ startMs: _start, updatedMs: _updated, ...rest }) => rest);
  return { ...snapshot, transactions };
}

/** Without the times at which producers were seen last: when replaying, it is now. */
function unseen(logs: readonly PartitionLogSnapshot[]) {
  return logs.map((log) => ({
    ...log,
    producers: log.producers.map(({ lastSeenMs: _seen, ...rest }) => rest),
  }));
}
