import { deepStrictEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Offsets } from "./offsets.ts";
import type { OffsetRecord } from "./records.ts";

const T = "topic-id";

function commit(offset: number, more: { group?: string; partition?: number; metadata?: string } = {}) {
  const { group = "g", partition = 0, metadata = "" } = more;
  return {
    type: "offsets_committed",
    group,
    atMs: 1000 + offset,
    topics: [{ topic: T, rows: [[partition, offset, 3, metadata]] }],
  } as const satisfies OffsetRecord;
}

function write(producerId: number, offset: number): OffsetRecord {
  return { ...commit(offset), type: "txn_offsets_written", producerId };
}

function offsetOf(offsets: Offsets, partition = 0): number | undefined {
  return offsets.committed("g", T, partition)?.offset;
}

Deno.test("an offset comes back with all that was committed", () => {
  const offsets = new Offsets();
  offsets.apply({ ...commit(7, { metadata: "m" }), expireMs: 5000 });
  deepStrictEqual(offsets.committed("g", T, 0), {
    offset: 7,
    leaderEpoch: 3,
    metadata: "m",
    committedMs: 1007,
    expireMs: 5000,
  });
  equal(offsets.committed("g", T, 1), undefined);
  equal(offsets.committed("other", T, 0), undefined);
  equal(offsets.committed("g", "other", 0), undefined);
});

Deno.test("an offset of a transaction counts from its commit on", () => {
  const offsets = new Offsets();
  offsets.apply(write(1, 5));
  equal(offsetOf(offsets), undefined);
  equal(offsets.isPending("g", T, 0), true);
  offsets.endTransaction(1, true);
  equal(offsetOf(offsets), 5);
  equal(offsets.isPending("g", T, 0), false);
  equal(offsets.hasPending("g"), false);
});

Deno.test("an offset of a transaction that aborts is forgotten", () => {
  const offsets = new Offsets();
  offsets.apply(commit(2));
  offsets.apply(write(1, 5));
  offsets.endTransaction(1, false);
  equal(offsetOf(offsets), 2);
  equal(offsets.hasPending("g"), false);
});

Deno.test("a transaction's commit does not undo an offset that was committed behind its own", () => {
  const offsets = new Offsets();
  offsets.apply(write(1, 5));
  offsets.apply(commit(8));
  offsets.endTransaction(1, true);
  equal(offsetOf(offsets), 8);
});

Deno.test("of two transactions the one that wrote last counts, whichever commits first", () => {
  for (const order of [[1, 2], [2, 1]]) {
    const offsets = new Offsets();
    offsets.apply(write(1, 5));
    offsets.apply(write(2, 6));
    for (const producerId of order) offsets.endTransaction(producerId, true);
    equal(offsetOf(offsets), 6);
  }
});

Deno.test("a deleted offset takes what transactions have written with it", () => {
  const offsets = new Offsets();
  offsets.apply(commit(1));
  offsets.apply(write(1, 5));
  offsets.apply({ type: "offsets_deleted", group: "g", topics: [{ topic: T, partitions: [0] }] });
  equal(offsets.isPending("g", T, 0), false);
  offsets.endTransaction(1, true);
  equal(offsetOf(offsets), undefined);
  deepStrictEqual([...offsets.groupIds()], []);
  equal(offsets.heldBytes, 0);
});

Deno.test("offsets go with their topic and with their group", () => {
  const offsets = new Offsets();
  offsets.apply(commit(1));
  offsets.apply(commit(1, { group: "h" }));
  offsets.apply(write(1, 5));
  offsets.deleteGroup("g");
  deepStrictEqual([...offsets.groupIds()], ["h"]);
  offsets.deleteTopic(T);
  deepStrictEqual([...offsets.groupIds()], []);
  equal(offsets.heldBytes, 0);
});

Deno.test("whatever happened, a restored snapshot is the same, and memory is counted right", () => {
  const group = fc.constantFrom("g", "h");
  const partition = fc.integer({ min: 0, max: 3 });
  const metadata = fc.constantFrom("", "a", "metadata");
  const producerId = fc.integer({ min: 1, max: 3 });
  const offset = fc.nat(100);
  const step = fc.oneof(
    fc.record({ group, partition, metadata, offset }).map(({ offset, ...more }) => (offsets: Offsets) =>
      offsets.apply(commit(offset, more))
    ),
    fc.record({ group, partition, metadata, offset, producerId }).map(({ offset, producerId, ...more }) =>
    (
      offsets: Offsets,
    ) => offsets.apply({ ...commit(offset, more), type: "txn_offsets_written", producerId })),
    fc.record({ producerId, isCommit: fc.boolean() }).map(({ producerId, isCommit }) => (offsets: Offsets) =>
      offsets.endTransaction(producerId, isCommit)
    ),
    fc.record({ group, partition }).map(({ group, partition }) => (offsets: Offsets) =>
      offsets.apply({ type: "offsets_deleted", group, topics: [{ topic: T, partitions: [partition] }] })
    ),
    group.map((group) => (offsets: Offsets) => offsets.deleteGroup(group)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 10 }), (before, after) => {
      const live = new Offsets();
      for (const each of before) each(live);
      const restored = Offsets.restore(JSON.parse(JSON.stringify(live.snapshot())));
      for (const each of after) {
        each(live);
        each(restored);
      }
      deepStrictEqual(restored.snapshot(), live.snapshot());
      equal(restored.heldBytes, live.heldBytes);
      for (const id of ["g", "h"]) live.deleteGroup(id);
      equal(live.heldBytes, 0);
    }),
  );
});

Deno.test("many topics with an offset each count as more than as many offsets of one topic", () => {
  const committed = (topics: readonly string[], partitions: number) => {
    const offsets = new Offsets();
    const rows = Array.from({ length: partitions }, (_, partition) => [partition, 1, -1] as const);
    offsets.apply({
      type: "offsets_committed",
      group: "g",
      atMs: 1,
      topics: topics.map((topic) => ({ topic, rows })),
    });
    return offsets;
  };
  const names = Array.from({ length: 100 }, (_, count) => `topic-${count}`);
  const wide = committed(names, 1);
  ok(wide.heldBytes > 5 * committed(["t"], 100).heldBytes);
  for (const topic of names) wide.deleteTopic(topic);
  equal(wide.heldBytes, 0);
});
