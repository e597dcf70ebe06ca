import assert from "node:assert/strict";
import fc from "fast-check";
import { ErrorCode } from "../../base/error_codes.ts";
import { ClusterState } from "../cluster_state.ts";
import type { Decision } from "../decision.ts";
import {
  decideAddGroup,
  decideAddPartitions,
  decideEndTransaction,
  decideIdExpiry,
  decideInitProducer,
  decideTimeout,
  type EndMark,
  listTransactions,
  offsetsError,
  verifyPartitions,
  writeError,
} from "./mod.ts";

const LIMITS = { maxTimeoutMs: 900_000, maxIds: 3, maxPartitions: 4 };
const TIMEOUT_MS = 60_000;
const OLD = { addsImplicitly: false, knowsAbortable: false };
const NEW = { addsImplicitly: true, knowsAbortable: true };

/** A state, and one producer's way through it. */
class World {
  state = new ClusterState();
  nowMs = 1000;
  marks: readonly EndMark[] = [];
  id = "tx";
  producerId = -1;
  epoch = -1;

  get member() {
    return { id: this.id, producerId: this.producerId, epoch: this.epoch };
  }

  /** Makes a decision so; the error code, or NONE. */
  apply(decision: Decision): number {
    if ("error" in decision) return decision.error;
    for (const record of JSON.parse(JSON.stringify(decision.records))) this.state.apply(record);
    this.marks = decision.marks ?? [];
    return ErrorCode.NONE;
  }

  init(expected: { producerId: number; epoch: number } | null = null, timeoutMs = TIMEOUT_MS): number {
    const { decision, identity } = decideInitProducer(
      this.state,
      { id: this.id, timeoutMs, expected },
      LIMITS,
      this.nowMs,
    );
    if (!("error" in decision)) ({ producerId: this.producerId, epoch: this.epoch } = identity);
    return this.apply(decision);
  }

  add(...streams: number[]): number {
    return this.apply(decideAddPartitions(this.state, this.member, streams, LIMITS, this.nowMs));
  }

  write(stream: number, skills = NEW): number {
    const error = writeError(this.state, this.member, stream, skills, LIMITS);
    if (error === ErrorCode.NONE) this.state.transactions.written(this.producerId, stream, this.nowMs);
    return error;
  }

  end(isCommit: boolean, bumpsEpoch = true, as = this.member): number {
    const { decision, identity } = decideEndTransaction(
      this.state,
      { ...as, isCommit, bumpsEpoch },
      this.nowMs,
    );
    if (!("error" in decision) && bumpsEpoch) {
      ({ producerId: this.producerId, epoch: this.epoch } = identity);
    }
    return this.apply(decision);
  }

  /** Uses up all epochs but `left`. */
  exhaust(left: number): void {
    const epoch = 32766 - left;
    const identity = { producerId: this.producerId, epoch, lastEpoch: -1, previousProducerId: -1 };
    this.apply({
      records: [{ type: "txn_producer_initialized", id: this.id, identity, timeoutMs: TIMEOUT_MS, atMs: 0 }],
    });
    this.epoch = epoch;
  }
}

function begun(): World {
  const world = new World();
  assert.equal(world.init(), ErrorCode.NONE);
  return world;
}

Deno.test("whoever comes with the same id later fences who was there before", () => {
  const world = begun();
  const zombie = world.member;
  assert.equal(world.init(), ErrorCode.NONE);
  assert.deepEqual(world.member, { ...zombie, epoch: 1 });
  assert.equal(writeError(world.state, zombie, 1, NEW, LIMITS), ErrorCode.INVALID_PRODUCER_EPOCH);
  assert.equal(world.end(true, true, zombie), ErrorCode.PRODUCER_FENCED);
});

Deno.test("an open transaction is aborted with markers before its id is given to another", () => {
  const world = begun();
  world.write(1);
  world.write(2);
  world.init();
  assert.equal(world.epoch, 2, "the markers have an epoch of their own");
  assert.deepEqual(
    world.marks.map(({ stream, producerEpoch, isCommit }) => ({ stream, producerEpoch, isCommit })),
    [1, 2].map((stream) => ({ stream, producerEpoch: 1, isCommit: false })),
  );
  assert.equal(world.state.transactions.get("tx")?.state, "Empty");
});

Deno.test("a producer that continues after an error gets the next epoch, and again the same one if it asks again", () => {
  const world = begun();
  const before = { producerId: world.producerId, epoch: world.epoch };
  assert.equal(world.init(before), ErrorCode.NONE);
  assert.equal(world.epoch, 1);
  assert.equal(world.init(before), ErrorCode.NONE);
  assert.equal(world.epoch, 1);
  assert.equal(world.init({ ...before, epoch: 1 }), ErrorCode.NONE);
  assert.equal(world.init(before), ErrorCode.PRODUCER_FENCED);
  assert.equal(world.init({ producerId: 77, epoch: 2 }), ErrorCode.PRODUCER_FENCED);
});

Deno.test("a stale producer that asks for an epoch leaves the open transaction of its successor alone", () => {
  const world = begun();
  const stale = { producerId: world.producerId, epoch: world.epoch };
  world.init();
  world.write(1);
  assert.equal(world.init(stale), ErrorCode.PRODUCER_FENCED);
  assert.equal(world.state.transactions.get("tx")?.isOpen, true);
});

Deno.test("when the epochs of a producer id are used up there is a new one", () => {
  const world = begun();
  world.exhaust(0);
  const before = { producerId: world.producerId, epoch: world.epoch };
  assert.equal(world.init(before), ErrorCode.NONE);
  assert.deepEqual(world.member, { id: "tx", producerId: 1, epoch: 0 });
  assert.equal(world.init(before), ErrorCode.NONE, "a repeated request");
  assert.deepEqual(world.member, { id: "tx", producerId: 1, epoch: 0 });

  world.exhaust(1);
  world.write(1);
  world.init();
  assert.deepEqual(world.member, { id: "tx", producerId: 2, epoch: 0 }, "the abort took the last epoch");
  assert.equal(world.marks[0]?.producerEpoch, 32766);
});

Deno.test("a time-out at the last epoch leads to a new producer id, too", () => {
  for (const goesOn of ["abort", "continue"]) {
    const world = begun();
    world.exhaust(0);
    const { producerId, epoch } = world.member;
    world.write(1);
    world.apply(decideTimeout(world.state, "tx", world.nowMs + TIMEOUT_MS));
    assert.equal(goesOn === "abort" ? world.end(false) : world.init({ producerId, epoch }), ErrorCode.NONE);
    assert.deepEqual(world.member, { id: "tx", producerId: 1, epoch: 0 });
    assert.equal(world.state.nextProducerId, 2);
  }
});

Deno.test("the end of a transaction takes up the last epoch, and a repeated end is known by it", () => {
  const world = begun();
  world.exhaust(0);
  const before = world.member;
  world.write(1);
  assert.equal(world.end(true), ErrorCode.NONE);
  assert.deepEqual(world.member, { id: "tx", producerId: 1, epoch: 0 });
  assert.equal(world.marks[0]?.producerEpoch, 32767, "an epoch that no client ever has");
  assert.equal(world.end(true, true, before), ErrorCode.NONE);
  assert.deepEqual(world.member, { id: "tx", producerId: 1, epoch: 0 });
  assert.equal(world.end(false, true, before), ErrorCode.INVALID_TXN_STATE);
});

Deno.test("with version 2 a repeated end is answered as before, and does not end the next transaction", () => {
  const world = begun();
  world.write(1);
  const before = world.member;
  world.end(true);
  const after = world.member;
  assert.equal(after.epoch, before.epoch + 1);
  assert.equal(world.end(true, true, before), ErrorCode.NONE);
  assert.deepEqual(world.member, after);
  world.write(1);
  assert.equal(world.end(true, true, before), ErrorCode.PRODUCER_FENCED, "a commit that was delayed");
  assert.equal(world.state.transactions.get("tx")?.isOpen, true);
});

Deno.test("whoever is fenced does not get its successor's identity by ending once more", () => {
  const world = begun();
  const zombie = world.member;
  assert.equal(world.init(), ErrorCode.NONE);
  const successor = world.member;
  world.write(1);
  // Version 1 keeps the epoch, so that it follows the zombie's, and the transaction is over.
  assert.equal(world.end(true, false), ErrorCode.NONE);
  assert.equal(world.end(true, true, zombie), ErrorCode.PRODUCER_FENCED);
  assert.deepEqual(world.member, successor);
});

Deno.test("what may be ended without having begun is what Kafka says", () => {
  for (
    const [bumpsEpoch, isCommit, expected] of [
      [false, true, ErrorCode.INVALID_TXN_STATE],
      [false, false, ErrorCode.INVALID_TXN_STATE],
      [true, true, ErrorCode.INVALID_TXN_STATE],
      [true, false, ErrorCode.NONE],
    ] as const
  ) {
    assert.equal(begun().end(isCommit, bumpsEpoch), expected, `${bumpsEpoch} ${isCommit}`);
  }
});

Deno.test("with version 1 the state tells whether an end is repeated", () => {
  const world = begun();
  world.add(1);
  assert.equal(world.end(true, false), ErrorCode.NONE);
  assert.equal(world.marks.length, 1);
  assert.equal(world.end(true, false), ErrorCode.NONE);
  assert.equal(world.marks.length, 0);
  assert.equal(world.end(false, false), ErrorCode.INVALID_TXN_STATE);
  world.add(1);
  assert.equal(world.end(false, false), ErrorCode.NONE);
  assert.equal(world.epoch, 0);
});

Deno.test("a transaction that was ended by its time-out does not look fenced to a client of version 2", () => {
  const world = begun();
  world.write(1);
  const { id, ...before } = world.member;
  assert.equal(world.apply(decideTimeout(world.state, id, world.nowMs + TIMEOUT_MS - 1)), ErrorCode.NONE);
  assert.equal(world.state.transactions.get(id)?.isOpen, true);
  world.apply(decideTimeout(world.state, id, world.nowMs + TIMEOUT_MS));
  assert.deepEqual(world.marks.map(({ producerEpoch }) => producerEpoch), [1]);
  assert.equal(world.write(1), ErrorCode.INVALID_PRODUCER_EPOCH, "abort and go on");
  assert.equal(world.end(true), ErrorCode.INVALID_TXN_STATE, "it was not committed");
  assert.equal(world.end(false), ErrorCode.NONE);
  assert.equal(world.epoch, 1);
  assert.equal(world.init(before), ErrorCode.NONE, "and one that asks for its next epoch gets it");
});

Deno.test("old clients say first where they write, new ones just write", () => {
  const world = begun();
  assert.equal(world.write(1, OLD), ErrorCode.INVALID_TXN_STATE);
  assert.equal(world.write(1, { ...OLD, knowsAbortable: true }), ErrorCode.TRANSACTION_ABORTABLE);
  assert.equal(world.add(1), ErrorCode.NONE);
  assert.equal(world.write(1, OLD), ErrorCode.NONE);
  assert.equal(world.write(2, OLD), ErrorCode.INVALID_TXN_STATE);
  assert.equal(world.write(2, NEW), ErrorCode.NONE);
  assert.deepEqual(verifyPartitions(world.state, world.member, [1, 3]), [
    ErrorCode.NONE,
    ErrorCode.TRANSACTION_ABORTABLE,
  ]);
  world.end(true, false);
  assert.equal(world.write(1, OLD), ErrorCode.INVALID_TXN_STATE, "that was the last transaction's");
});

Deno.test("offsets belong to a transaction by their group", () => {
  const world = begun();
  const check = (group: string, skills: typeof OLD) =>
    offsetsError(world.state, world.member, group, skills, LIMITS);
  assert.equal(check("g", OLD), ErrorCode.INVALID_TXN_STATE);
  assert.equal(world.apply(decideAddGroup(world.state, world.member, "g", LIMITS, 0)), ErrorCode.NONE);
  assert.equal(check("g", OLD), ErrorCode.NONE);
  assert.equal(check("h", OLD), ErrorCode.INVALID_TXN_STATE);
  assert.equal(check("h", NEW), ErrorCode.NONE);
});

Deno.test("offsets of a transaction are committed with it, and only if it commits", () => {
  for (const isCommit of [false, true]) {
    const world = begun();
    world.apply({
      records: [{
        type: "txn_offsets_written",
        producerId: world.producerId,
        group: "g",
        atMs: 5,
        topics: [{ topic: "topic-id", rows: [[0, 42, -1]] }],
      }],
    });
    assert.deepEqual([...world.state.transactions.open][0]?.groups, new Set(["g"]));
    assert.equal(world.state.offsets.committed("g", "topic-id", 0), undefined);
    world.end(isCommit);
    assert.equal(world.state.offsets.committed("g", "topic-id", 0)?.offset, isCommit ? 42 : undefined);
  }
});

Deno.test("bounds are kept: time-outs, ids, partitions of a transaction", () => {
  const world = begun();
  for (const timeoutMs of [0, -1, LIMITS.maxTimeoutMs + 1]) {
    assert.equal(world.init(null, timeoutMs), ErrorCode.INVALID_TRANSACTION_TIMEOUT);
  }
  assert.equal(world.add(1, 2, 3, 4, 5), ErrorCode.POLICY_VIOLATION);
  assert.equal(world.add(1, 2, 3, 4), ErrorCode.NONE);
  assert.equal(world.add(4), ErrorCode.NONE);
  assert.equal(world.write(5), ErrorCode.TRANSACTION_ABORTABLE);
  for (const id of ["b", "c"]) {
    world.id = id;
    assert.equal(world.init(), ErrorCode.NONE);
  }
  world.id = "one too many";
  assert.equal(world.init(), ErrorCode.POLICY_VIOLATION);
  for (const id of ["", "x".repeat(1001)]) {
    world.id = id;
    assert.equal(world.init(), ErrorCode.INVALID_REQUEST);
  }
});

Deno.test("an id that is not used for long is forgotten, but not while its transaction is open", () => {
  const world = begun();
  world.write(1);
  const expire = (nowMs: number) => world.apply({ records: decideIdExpiry(world.state, nowMs, 500) });
  expire(world.nowMs + 1000);
  assert.equal(world.state.transactions.size, 1);
  world.end(true);
  expire(world.nowMs + 499);
  assert.equal(world.state.transactions.size, 1);
  expire(world.nowMs + 500);
  assert.equal(world.state.transactions.size, 0);
  assert.equal(world.end(true), ErrorCode.INVALID_PRODUCER_ID_MAPPING);
});

Deno.test("a topic that is deleted is no part of a transaction any more", () => {
  const world = begun();
  world.apply({
    records: [{ type: "topic_created", name: "t", id: "t-id", firstStream: 1, partitions: 2, configs: {} }],
  });
  world.add(1, 2);
  world.apply({ records: [{ type: "topic_deleted", id: "t-id" }] });
  assert.equal(world.end(true), ErrorCode.NONE);
  assert.deepEqual(world.marks, []);
});

Deno.test("transactions are listed by state, producer and duration", () => {
  const world = begun();
  world.write(1);
  world.id = "other";
  world.init();
  const { transactions } = world.state;
  const all = { states: [], producerIds: [], longerThanMs: -1 };
  const ids = (filter: Partial<Parameters<typeof listTransactions>[1]>, nowMs = world.nowMs) =>
    listTransactions(transactions, { ...all, ...filter }, nowMs).found.map(({ id }) => id);
  assert.deepEqual(ids({}), ["tx", "other"]);
  assert.deepEqual(ids({ states: ["Ongoing"] }), ["tx"]);
  assert.deepEqual(ids({ states: ["Nonsense"] }), []);
  assert.deepEqual(ids({ producerIds: [1, 5] }), ["other"]);
  assert.deepEqual(ids({ states: ["Ongoing"], longerThanMs: 10 }, world.nowMs + 10), []);
  assert.deepEqual(ids({ states: ["Ongoing"], longerThanMs: 10 }, world.nowMs + 11), ["tx"]);
  assert.deepEqual(
    listTransactions(transactions, { ...all, states: ["Nonsense", "Dead"] }, 0).unknownStates,
    ["Nonsense"],
  );
});

Deno.test("epochs only grow, a commit needs a live producer, and a restored state is the same, whatever happens", () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 1 }),
    what: fc.constantFrom("init", "continue", "write", "add", "commit", "abort", "time-out", "restart"),
    stream: fc.integer({ min: 1, max: 3 }),
    bumpsEpoch: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const world = new World();
    // Two programs with one transactional id, each as it was answered last.
    const programs = [world.member, world.member];
    for (const { who, what, stream, bumpsEpoch } of steps) {
      ({ producerId: world.producerId, epoch: world.epoch } = programs[who]!);
      const before = world.state.transactions.get("tx");
      const [id, epoch, wasOpen] = [before?.producerId ?? -1, before?.epoch ?? -1, before?.isOpen ?? false];
      const isLive = world.producerId === id && world.epoch === epoch;
      if (what === "init") world.init();
      else if (what === "continue" && world.epoch >= 0) world.init({ ...world.member });
      else if (what === "write") assert.equal(world.write(stream) === ErrorCode.NONE, isLive && id >= 0);
      else if (what === "add") assert.equal(world.add(stream) === ErrorCode.NONE, isLive && id >= 0);
      else if (what === "commit") {
        world.marks = [];
        world.end(true, bumpsEpoch);
        assert.ok(world.marks.length === 0 || (isLive && wasOpen), "a commit by who has a transaction open");
      } else if (what === "abort") world.end(false, bumpsEpoch);
      else if (what === "time-out") world.apply(decideTimeout(world.state, "tx", world.nowMs + TIMEOUT_MS));
      else {
        const saved = JSON.parse(JSON.stringify(world.state.snapshot()));
        const restored = ClusterState.restore(saved);
        assert.deepEqual(restored.snapshot(), world.state.snapshot());
        world.state = restored;
      }
      programs[who] = world.member;
      const { open: openNow, membersBytes } = world.state.transactions;
      assert.equal(membersBytes > 0, Array.from(openNow).some(({ streams }) => streams.size > 0));
      const after = world.state.transactions.get("tx");
      if (after !== undefined && after.producerId === id) assert.ok(after.epoch >= epoch, "epochs only grow");
      for (const open of world.state.transactions.open) assert.ok(open.isOpen);
    }
  }));
});

Deno.test("all open transactions together have a bound: what they take is counted, and given back", () => {
  const world = begun();
  const long = "g".repeat(20 * 2 ** 20);
  const limits = { ...LIMITS, maxPartitions: 1000 };
  const { transactions } = world.state;
  const addGroup = (name: string) =>
    world.apply(decideAddGroup(world.state, world.member, name, limits, world.nowMs));
  for (const name of ["a", "b", "c"]) assert.equal(addGroup(name + long), ErrorCode.NONE);
  assert.equal(addGroup(`d${long}`), ErrorCode.POLICY_VIOLATION);
  assert.equal(
    offsetsError(world.state, world.member, `d${long}`, NEW, limits),
    ErrorCode.TRANSACTION_ABORTABLE,
  );
  assert.equal(addGroup("short"), ErrorCode.NONE);
  const restored = ClusterState.restore(JSON.parse(JSON.stringify(world.state.snapshot())));
  assert.equal(restored.transactions.membersBytes, transactions.membersBytes);
  world.end(true);
  assert.equal(transactions.membersBytes, 0);
});
