import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { crc32c } from "../../src/base/crc32c.ts";
import { openDataDirectory } from "../../src/broker/data_directory.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import {
  decideCreatePartitions,
  decideCreateTopic,
  decideDeleteTopic,
  groupRecord,
  type Partition,
  refuse,
} from "../../src/cluster/mod.ts";
import { decideOffsetCommit, decideOffsetDelete } from "../../src/cluster/groups/mod.ts";
import { type Engine, Replay } from "../../src/engine/mod.ts";
import { groupsOf } from "../../src/engine/groups/mod.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { entryBytes } from "../../src/wal/entry.ts";
import { recoverLog } from "../../src/wal/mod.ts";
import { readCommitted } from "../support/read_committed.ts";
import { SimBroker } from "../support/sim_broker.ts";
import { assertOffsets, assertPartition, assertSameState, assertTransactions } from "./agreement.ts";
import { ClassicActor } from "./classic_actor.ts";
import { ClusterModel, offsetKey } from "./cluster_model.ts";
import { ConsumerActor } from "./consumer_actor.ts";
import { GroupWatch } from "./group_watch.ts";
import { type Asking, Judge } from "./judge.ts";
import { type LoggedEntry, LogTap } from "./log_tap.ts";
import { asRequest, type Committing, LIMITS, type OffsetToCommit, type Scene } from "./scene.ts";
import { TransactionActor } from "./transaction_actor.ts";

/** Classic members alone, members of the consumer protocol alone, both. */
const CLASSIC = "g";
const CONSUMER = "c";
const MIXED = "m";
const GROUPS = [CLASSIC, CONSUMER, MIXED];
const TOPICS = ["a", "b"];
const PARTITIONS_MAX = 3;
const TOPIC_LIMITS = {
  nodeId: 1,
  defaultPartitions: 1,
  maxPartitionsPerRequest: 10,
  maxPartitions: 100,
};

const CONFIG: Partial<BrokerConfig> = {
  offsetsRetentionMs: 45_000,
  offsetsCheckIntervalMs: 10_000,
  transactionalIdExpirationMs: 3_600_000,
  producerIdExpirationMs: 1e12,
  groupConsumerSessionTimeoutMs: 20_000,
};

/** What the coordinator of transactions takes beyond their time-out at the most. */
const TIMEOUT_SLACK_MS = 1000;
const COMPARE_EVERY = 20;
const HEARTBEAT_MS = 3000;
/** Longer than any session, rebalance or transaction. */
const ALL_IS_OVER_MS = 400_000;

/**
 * A broker through many lives, with programs that do transactions, members of groups of
 * both protocols and admins, all of them at random and through the engine itself; and a
 * plain model of what its log says. After each step they must agree.
 */
export class CoordinationWorld implements Scene {
  readonly random: SimRandom;
  model = new ClusterModel();
  readonly #sim: SimBroker;
  readonly #watch = new GroupWatch();
  readonly #programs: readonly TransactionActor[];
  readonly #classic: readonly ClassicActor[];
  readonly #consumers: readonly ConsumerActor[];
  readonly #config: Partial<BrokerConfig>;
  /** All that the log has ever said and not lost. */
  #journal: LoggedEntry[] = [];
  /** The same state from the log alone, as a standby would have it. */
  #mirror: Replay;
  #judge: Judge | null = null;
  #tap: LogTap | null = null;
  #failure: unknown = null;
  #lifeBeganMs = 0;
  #durableLsn = 0;
  #lastFullMs = -Infinity;
  #life = 0;
  #steps = 0;

  constructor(seed: number) {
    this.#sim = new SimBroker(seed);
    this.random = this.#sim.random;
    this.#mirror = new Replay(null, this.#sim.clock);
    this.#config = {
      ...CONFIG,
      groupInitialRebalanceDelayMs: this.random.pick([0, 500]),
      groupConsumerAssignmentIntervalMs: this.random.pick([0, 1000]),
    };
    this.#programs = ["t", "t", "u", "v"].map((id, index) =>
      new TransactionActor(this, id, index % 2 === 0 ? 2 : 1)
    );
    this.#classic = [CLASSIC, MIXED].map((id) => new ClassicActor(this, this.#watch, id));
    this.#consumers = [CONSUMER, MIXED].map((id) => new ConsumerActor(this, id));
  }

  get engine(): Engine {
    return this.#sim.running.engine;
  }

  get nowMs(): number {
    return this.#sim.clock.nowMs();
  }

  get endLsn(): number {
    return this.engine.wal.endLsn;
  }

  get isFull(): boolean {
    return this.#tap?.isFull ?? false;
  }

  /** Begins a life: what was durable is there, and everything else is as the log says. */
  async start(): Promise<void> {
    await this.#sim.start(this.#config);
    const recovered = this.#sim.events.findLast((event) => event.type === "log_recovered");
    assert.ok(recovered !== undefined && recovered.endLsn >= this.#durableLsn, "what is durable is there");
    this.#loseAbove(recovered.endLsn);
    this.#life++;
    this.#lifeBeganMs = this.nowMs;
    this.#judge = new Judge(this.model, this.engine.state, {
      offsetsRetentionMs: CONFIG.offsetsRetentionMs!,
      idExpirationMs: CONFIG.transactionalIdExpirationMs!,
    });
    const heard: LoggedEntry[] = [];
    let hear = (entry: LoggedEntry): unknown => heard.push(entry);
    this.#tap = new LogTap(this.engine, (entry) => hear(entry));
    for (const entry of await this.#writtenBetween(recovered.endLsn, this.endLsn)) this.#keep(entry);
    hear = (entry) => this.#heard(entry);
    heard.forEach(hear);
    this.#check();
    this.#compareWithMirror();
    for (const name of TOPICS) await this.#createTopic(name);
  }

  /** So many times somebody does something, and time goes on. */
  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step++) {
      await this.#act();
      await this.#passTime();
      this.#check();
      if (++this.#steps % COMPARE_EVERY === 0) this.#compareWithMirror();
    }
  }

  /** The process ends as if killed, the power goes, or it stops in order. */
  async end(): Promise<void> {
    this.#tap!.isFull = false;
    this.#durableLsn = this.engine.wal.durableLsn;
    const how = this.random.unit();
    if (how < 0.2) await this.#sim.stop();
    if (how < 0.5) this.#sim.kill();
    else this.#sim.powerCut();
  }

  /** Everybody goes: in the end nobody waits, nothing is open, and nobody is left. */
  async settle(): Promise<void> {
    this.#tap!.isFull = false;
    await this.#sim.clock.advance(ALL_IS_OVER_MS);
    this.#check();
    this.#compareWithMirror();
    for (const actor of this.#classic) {
      assert.ok(!actor.isAnyoneWaiting, "who waits gets an answer in the end");
    }
    for (const group of this.engine.state.groups) assert.ok(group.isEmpty, `somebody stays in ${group.id}`);
    for (const { id, openMs } of this.model.transactions.values()) {
      assert.equal(openMs, null, `${id} is open without end`);
    }
    await this.#readAll();
  }

  async ask<Answer>(asking: Asking, act: (engine: Engine) => Promise<Answer>): Promise<Answer> {
    const judge = this.#judge!;
    judge.asking = asking;
    const answer = await this.#sim.run(act(this.engine)).finally(() => judge.asking = { what: "nothing" });
    if (this.#failure !== null) throw this.#failure;
    return answer;
  }

  later<Answer>(answer: Promise<Answer>, told: (answer: Answer) => void): void {
    const life = this.#life;
    answer.then((value) => {
      if (this.#life === life) this.#guarded(() => told(value));
    });
  }

  exists({ stream }: Partition): boolean {
    return this.engine.logs.find(stream) !== undefined;
  }

  somePartition(): Partition {
    return this.random.pick([...this.engine.state.topics()].flatMap(({ partitions }) => partitions));
  }

  someGroup(): string {
    return this.random.pick(GROUPS);
  }

  someCommitter(): Committing {
    const members = [...this.#classic, ...this.#consumers].flatMap((actor) => actor.committers());
    const nobody = { group: this.someGroup(), memberId: "", instanceId: null, generation: -1 };
    const committer = this.random.pick([nobody, ...members]);
    return this.random.chance(0.9) ? committer : { ...committer, generation: committer.generation - 1 };
  }

  someOffset(): OffsetToCommit {
    const { topic: { id: topicId }, index: partition } = this.somePartition();
    return { topicId, partition, offset: this.random.below(1000) };
  }

  async #act(): Promise<void> {
    const { random } = this;
    const what = random.unit();
    if (what < 0.45) await random.pick(this.#programs).act();
    else if (what < 0.65) random.pick(this.#classic).act();
    else if (what < 0.8) await random.pick(this.#consumers).act();
    else if (what < 0.93) await this.#commit(this.someCommitter());
    else await this.#administer();
  }

  async #administer(): Promise<void> {
    const { random } = this;
    const tap = this.#tap!;
    switch (random.below(8)) {
      case 0:
      case 1:
        tap.isFull = !tap.isFull && random.chance(0.3);
        return;
      case 2:
        return await this.#deleteOffsets();
      case 3:
        return await this.#deleteGroup(this.someGroup());
      case 4:
        if (random.chance(0.3)) await this.#replaceTopic("b");
        return;
      case 5:
        return await this.#growTopic(random.pick(TOPICS));
      case 6:
        if (!tap.isFull) await this.#sim.run(this.engine.checkpoints.snapshot());
        return;
      default:
        if (!tap.isFull) await this.#readAll();
    }
  }

  /** Mostly little, so that most steps find the last ones not durable; sometimes so much that all deadlines pass. */
  async #passTime(): Promise<void> {
    const { random } = this;
    const { clock } = this.#sim;
    if (this.isFull) this.#lastFullMs = this.nowMs;
    const how = random.unit();
    if (how < 0.7) { for (let events = random.below(4); events > 0; events--) await clock.step(); }
    else if (how < 0.9) await clock.advance(random.below(50));
    else if (how < 0.98) await this.#waitAlive(random.below(6000));
    else if (how < 0.99) await this.#waitAlive(random.below(60_000));
    else if (how < 0.998) await clock.advance(random.below(60_000));
    else await clock.advance(random.below(2 * 3_600_000));
    await clock.settle();
    if (this.isFull) this.#lastFullMs = this.nowMs;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Lets time pass with signs of life of those who are in groups. */
  async #waitAlive(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= HEARTBEAT_MS) {
      await this.#sim.clock.advance(Math.min(leftMs, HEARTBEAT_MS));
      for (const actor of this.#classic) actor.heartbeat();
      for (const actor of this.#consumers) await actor.heartbeat();
    }
  }

  async #commit(committing: Committing): Promise<void> {
    const { group, memberId, instanceId: groupInstanceId, generation } = committing;
    const committed = this.someOffset();
    let errorCode: number = ErrorCode.UNKNOWN_SERVER_ERROR;
    const refusal = await this.ask(
      { what: "commit", ...committing, ...committed },
      (engine) =>
        engine.execute((state) => {
          const decided = decideOffsetCommit(
            state,
            { group, memberId, groupInstanceId, generation },
            asRequest(committed),
            { nowMs: engine.clock.nowMs(), retentionMs: -1, knowsMissingGroups: true },
            LIMITS,
          );
          errorCode = decided.errors[0]?.[0] ?? errorCode;
          return decided.decision;
        }),
    );
    if (refusal !== null || errorCode !== ErrorCode.NONE) return;
    groupsOf(this.engine).committed(group, memberId);
    const { topicId, partition, offset } = committed;
    const key = offsetKey(group, topicId, partition);
    assert.equal(this.model.committed.get(key)?.offset, offset, "what was committed is committed");
  }

  async #deleteOffsets(): Promise<void> {
    const group = this.someGroup();
    const { topic, index } = this.somePartition();
    await this.ask(
      { what: "offset delete" },
      (engine) =>
        engine.execute((state) =>
          decideOffsetDelete(state, group, [{ topic: topic.name, partitions: [index] }]).decision
        ),
    );
  }

  async #deleteGroup(groupId: string): Promise<void> {
    await this.ask({ what: "group delete" }, (engine) =>
      engine.execute((state) => {
        const errorCode = state.groups.get(groupId)?.validateDelete() ?? ErrorCode.GROUP_ID_NOT_FOUND;
        if (errorCode !== ErrorCode.NONE) return refuse(errorCode, "");
        return { records: [groupRecord(groupId, { type: "deleted" })] };
      }, () => groupsOf(engine).changed(groupId)));
  }

  async #createTopic(name: string): Promise<void> {
    const partitions = 1 + this.random.below(2);
    const command = { name, partitions, replicationFactor: 1, assignments: [], configs: [] };
    await this.ask({ what: "topics" }, (engine) => {
      const id = engine.newTopicId();
      return engine.execute((state) => decideCreateTopic(state, command, TOPIC_LIMITS, id));
    });
  }

  async #replaceTopic(name: string): Promise<void> {
    if (this.isFull) return;
    await this.ask(
      { what: "topics" },
      (engine) => engine.execute((state) => decideDeleteTopic(state, { name })),
    );
    await this.#createTopic(name);
  }

  async #growTopic(name: string): Promise<void> {
    const totalCount = Math.min(PARTITIONS_MAX, this.engine.state.topic(name)!.partitions.length + 1);
    await this.ask(
      { what: "topics" },
      (engine) =>
        engine.execute((state) =>
          decideCreatePartitions(state, { name, totalCount, assignments: null }, TOPIC_LIMITS)
        ),
    );
  }

  #heard(entry: LoggedEntry): void {
    this.#guarded(() => {
      this.#judge!.judge(entry);
      this.#watch.entry(entry, (id) => this.engine.state.groups.get(id));
      this.#keep(entry);
    });
  }

  #keep(entry: LoggedEntry): void {
    this.#journal.push(entry);
    this.#take(entry);
  }

  /** What the broker has written while it was starting, and nobody could listen. */
  async #writtenBetween(fromLsn: number, toLsn: number): Promise<LoggedEntry[]> {
    const { disk, random, clock } = this.#sim;
    await this.#sim.run(this.engine.wal.whenDurable(this.endLsn));
    const { logId } = await this.#sim.run(openDataDirectory(disk, random, null, null));
    const entries: LoggedEntry[] = [];
    await this.#sim.run(recoverLog({
      ...{ disk, directory: "wal", logId, checksum: crc32c, snapshotLsn: fromLsn },
      onEntry: ({ lsn, stream, kind, payload, replay }) => {
        const endLsn = lsn + entryBytes(payload.length);
        if (!replay || endLsn > toLsn) return;
        entries.push({ lsn, endLsn, stream, kind, payload: payload.slice(), atMs: clock.nowMs() });
      },
    }));
    return entries;
  }

  #take(entry: LoggedEntry): void {
    this.model.take(entry);
    const { lsn, stream, kind, payload } = entry;
    this.#mirror.entry({
      lsn,
      stream,
      kind,
      payload,
      payloadLength: payload.length,
      prefixBytes: 0,
      replay: true,
    });
  }

  /** What is wrong is thrown where the broker does not take it for its own failure. */
  #guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #loseAbove(endLsn: number): void {
    this.#journal = this.#journal.filter((entry) => entry.endLsn <= endLsn);
    this.model = new ClusterModel();
    this.#mirror = new Replay(null, this.#sim.clock);
    for (const entry of this.#journal) this.#take(entry);
    this.#watch.crashed(endLsn);
    for (const actor of [...this.#programs, ...this.#classic, ...this.#consumers]) actor.crashed(endLsn);
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
    const { state } = this.engine;
    for (const { partitions } of state.topics()) {
      for (const { stream } of partitions) assertPartition(this.engine, this.model, stream, this.random);
    }
    for (const group of GROUPS) assertOffsets(state, this.model, group);
    this.#watch.check(state.groups, this.endLsn);
    // Members are given their time anew with the broker, and what a full log refuses is tried again.
    const sinceMs = Math.max(this.#lifeBeganMs, this.#lastFullMs);
    for (const actor of this.#classic) actor.check(sinceMs);
    for (const actor of this.#consumers) actor.check();
    assertTransactions(state, this.model);
    this.#checkTimeouts(sinceMs);
  }

  /** No transaction is open for longer than it may, counted from `sinceMs` at the earliest. */
  #checkTimeouts(sinceMs: number): void {
    for (const { id, openMs, timeoutMs } of this.model.transactions.values()) {
      const dueMs = Math.max(openMs ?? Infinity, sinceMs) + timeoutMs + TIMEOUT_SLACK_MS;
      assert.ok(this.nowMs <= dueMs, `${id} is open for longer than it may be`);
    }
  }

  #compareWithMirror(): void {
    assertSameState(this.engine, this.#mirror);
  }

  /** Reads all partitions as consumers do, over a connection. */
  async #readAll(): Promise<void> {
    const client = this.#sim.connect();
    await this.#sim.run(this.engine.wal.whenDurable(this.endLsn));
    for (const { name, partitions } of [...this.engine.state.topics()]) {
      for (const { index, stream } of partitions) {
        const endOffset = this.engine.logs.of(stream).lastStableOffset;
        const values = await this.#sim.run(readCommitted(client, { name, topicId: "" }, index));
        const expected = this.model.batchesIn(stream, 0, endOffset).flatMap(({ batch, isSeen }) =>
          isSeen ? batch.values : []
        );
        assert.deepEqual(values, expected, `${name}-${index} as readers of committed records see it`);
      }
    }
  }
}
