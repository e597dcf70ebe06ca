import { deepStrictEqual, equal } from "node:assert/strict";
import { ErrorCode } from "../../../base/error_codes.ts";
import { ClusterState } from "../../cluster_state.ts";
import { type Committer, decideOffsetCommit, type OffsetsAsked } from "./commit_offsets.ts";
import { decideOffsetDelete } from "./delete_offsets.ts";
import { decideExpiry } from "./expire_offsets.ts";

const ADMIN: Committer = { group: "g", memberId: "", groupInstanceId: null, generation: -1 };
const HOUR_MS = 3_600_000;

/** A cluster with the topic `t` (id `T`) of three partitions. */
class World {
  readonly state = new ClusterState();
  nowMs = 1_000_000;

  constructor() {
    this.state.apply({
      type: "topic_created",
      name: "t",
      id: "T",
      firstStream: 1,
      partitions: 3,
      configs: {},
    });
  }

  commit(
    asked: readonly OffsetsAsked[],
    options: { retentionMs?: number; heldBytesMax?: number; metadataMax?: number; committer?: Committer } =
      {},
  ): readonly (readonly number[])[] {
    const { retentionMs = -1, heldBytesMax = 1e6, metadataMax = 10, committer = ADMIN } = options;
    const { decision, errors } = decideOffsetCommit(
      this.state,
      committer,
      asked,
      { nowMs: this.nowMs, retentionMs, knowsMissingGroups: true },
      { metadataMax, heldBytesMax },
    );
    if ("records" in decision) { for (const record of decision.records) this.state.apply(record); }
    return errors;
  }

  /** Lets retention of an hour do its work, and answers what is left of the group. */
  expire(): number[] | null {
    const group = this.state.groups.get("g");
    if (group === undefined) return null;
    for (const record of decideExpiry(this.state, group, this.nowMs, HOUR_MS)) this.state.apply(record);
    if (this.state.groups.get("g") === undefined) return null;
    return this.state.offsets.topicsOf("g").get("T")?.partitions() ?? [];
  }
}

function asks(
  ...rows: readonly (readonly [partition: number, offset: number, metadata?: string])[]
): OffsetsAsked[] {
  const partitions = rows.map(([partition, offset, metadata = ""]) => ({
    ...{ partition, offset, metadata },
    leaderEpoch: -1,
  }));
  return [{ topic: { name: "t" }, partitions }];
}

Deno.test("what does not exist is refused alone, the rest is committed", () => {
  const world = new World();
  const errors = world.commit([
    ...asks([0, 5], [7, 5], [1, 5, "longer than ten"]),
    { topic: { name: "nowhere" }, partitions: asks([0, 5])[0]!.partitions },
    { topic: { id: "nowhere" }, partitions: asks([0, 5])[0]!.partitions },
  ]);
  const { NONE, UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE, UNKNOWN_TOPIC_ID } = ErrorCode;
  deepStrictEqual(errors, [
    [NONE, UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE],
    [UNKNOWN_TOPIC_OR_PARTITION],
    [UNKNOWN_TOPIC_ID],
  ]);
  deepStrictEqual(world.state.offsets.topicsOf("g").get("T")?.partitions(), [0]);
});

Deno.test("a commit by nobody makes a group, a commit by a member of none does not", () => {
  const world = new World();
  const member = { ...ADMIN, memberId: "m", generation: 3 };
  deepStrictEqual(world.commit(asks([0, 5]), { committer: member }), [[ErrorCode.GROUP_ID_NOT_FOUND]]);
  equal(world.state.groups.get("g"), undefined);
  deepStrictEqual(world.commit(asks([0, 5])), [[ErrorCode.NONE]]);
  equal(world.state.groups.get("g")?.stateName, "Empty");
});

Deno.test("when memory is short, offsets that are there move on and new ones are refused", () => {
  const world = new World();
  world.commit(asks([0, 5]));
  const short = { heldBytesMax: world.state.offsets.heldBytes };
  deepStrictEqual(world.commit(asks([0, 6]), short), [[ErrorCode.NONE]]);
  deepStrictEqual(world.commit(asks([1, 6]), short), [[ErrorCode.INVALID_COMMIT_OFFSET_SIZE]]);
  deepStrictEqual(world.commit(asks([0, 7, "more"]), short), [[ErrorCode.INVALID_COMMIT_OFFSET_SIZE]]);
  equal(world.state.offsets.committed("g", "T", 0)?.offset, 6);
});

Deno.test("one request commits no more than Kafka lets into one batch", () => {
  const world = new World();
  const rows = Array.from({ length: 20_000 }, () => [0, 1] as const);
  const [codes] = world.commit(asks(...rows), { heldBytesMax: 1e9 });
  deepStrictEqual(new Set(codes), new Set([ErrorCode.INVALID_COMMIT_OFFSET_SIZE]));
});

Deno.test("offsets that nobody's membership keeps expire by the time of their commit", () => {
  const world = new World();
  world.commit(asks([0, 1]));
  world.nowMs += HOUR_MS / 2;
  world.commit(asks([1, 1]));
  world.nowMs += HOUR_MS / 2;
  deepStrictEqual(world.expire(), [1]);
  world.nowMs += HOUR_MS / 2;
  equal(world.expire(), null);
});

Deno.test("a client's own retention counts in place of the broker's", () => {
  const world = new World();
  world.commit(asks([0, 1]), { retentionMs: 10 });
  world.commit(asks([1, 1]), { retentionMs: 3 * HOUR_MS });
  world.nowMs += 10;
  deepStrictEqual(world.expire(), [1]);
  world.nowMs += 2 * HOUR_MS;
  deepStrictEqual(world.expire(), [1]);
  world.nowMs += HOUR_MS;
  equal(world.expire(), null);
});

Deno.test("a group with an open transaction stays, and so does the offset that it is about", () => {
  const world = new World();
  world.commit(asks([0, 1], [1, 1]));
  const topics = [{ topic: "T", rows: [[0, 2, -1]] }] as const;
  world.state.apply({ type: "txn_offsets_written", producerId: 7, group: "g", atMs: world.nowMs, topics });
  world.nowMs += 2 * HOUR_MS;
  deepStrictEqual(world.expire(), [0]);
  world.state.offsets.endTransaction(7, false);
  equal(world.expire(), null);
});

Deno.test("offsets are deleted where there are some, and missing partitions are told", () => {
  const world = new World();
  world.commit(asks([0, 1]));
  const decided = decideOffsetDelete(world.state, "g", [
    { topic: "t", partitions: [0, 1, 9] },
    { topic: "nowhere", partitions: [0] },
  ]);
  equal(decided.groupError, ErrorCode.NONE);
  const { NONE, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode;
  deepStrictEqual(decided.errors, [[NONE, NONE, UNKNOWN_TOPIC_OR_PARTITION], [UNKNOWN_TOPIC_OR_PARTITION]]);
  deepStrictEqual(decided.decision, {
    records: [{ type: "offsets_deleted", group: "g", topics: [{ topic: "T", partitions: [0] }] }],
  });
  equal(decideOffsetDelete(world.state, "", []).groupError, ErrorCode.INVALID_GROUP_ID);
  equal(decideOffsetDelete(world.state, "other", []).groupError, ErrorCode.GROUP_ID_NOT_FOUND);
});

Deno.test("where groups have no more memory a commit makes none, and those that are there go on", () => {
  const world = new World();
  world.commit(asks([0, 5]));
  for (let count = 0; count < 4; count++) {
    const change = { type: "classic_created", generation: 0, timeMs: 0 } as const;
    world.state.apply({ type: "group", groupId: "x".repeat(2 ** 25 - 1000 - count), change });
  }
  const stranger = { ...ADMIN, group: "y".repeat(5000) };
  deepStrictEqual(world.commit(asks([0, 5]), { committer: stranger }), [[
    ErrorCode.INVALID_COMMIT_OFFSET_SIZE,
  ]]);
  deepStrictEqual(world.commit(asks([0, 6])), [[ErrorCode.NONE]]);
});
