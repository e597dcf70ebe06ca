import assert from "node:assert/strict";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { KliteError } from "../../src/base/klite_error.ts";
import type { BrokerConfig } from "../../src/broker/mod.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimObjectStore, type StoreMoment } from "../../src/io/sim/object_store.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { deleteRecordsRequest } from "../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../src/protocol/generated/delete_records_response.ts";
import { plainBatches } from "../model/plain_batches.ts";
import { createTopic, deleteTopic, only, type TopicRef } from "../support/requests.ts";
import { SEGMENT_BYTES } from "../support/sim_broker.ts";
import { SimMachine } from "../support/sim_machine.ts";
import { ConnectionEnded, type WireClient } from "../support/wire_client.ts";
import { GroupCommits } from "./tier_commits.ts";
import { KINDS } from "./tier_kinds.ts";
import { TierPartition } from "./tier_partition.ts";
import { ReadError, type Reading, readWhole } from "./tier_reader.ts";
import { isRedone, liveObjects, stateOf } from "./tier_state.ts";
import { PlainWriter, TransactionWriter, type WriterWorld, type WriteTarget } from "./tier_writers.ts";

const CLUSTER_ID = "sim";
const KIB = 1024;
const HOUR_MS = 3_600_000;
const TOPICS_MAX = 3;
/** Longer than a lease, a grace and the first sweep together. */
const REST_MS = 200_000;

/** A topic as far as its clients know. */
interface TierTopic {
  readonly ref: TopicRef;
  readonly targets: readonly WriteTarget[];
  readonly writers: readonly PlainWriter[];
  readonly commits: GroupCommits;
  /** Whether its deletion has been asked for, and answered. */
  deletion: "none" | "asked" | "answered";
}

/** How a life ends. */
export type End = "stop" | "kill" | "powerCut" | "diskLoss" | "takeover";

/**
 * A whole broker with objects, through many lives: with writers, deletions, retention, compaction, commits, topics that
 * come and go, on a disk and a store that fail. Whatever happens, what it said is kept; what is gone, was to go; and
 * the store has what the metadata names, and in the end nothing else.
 */
export class TierWorld implements WriterWorld, Disposable {
  readonly random: SimRandom;
  readonly clock = new SimClock();
  readonly hasBucket: boolean;
  restMs = 10;
  readonly #bucket: SimObjectStore;
  readonly #topics = new Map<string, TierTopic>();
  readonly #programs: readonly TransactionWriter[];
  readonly #config: Partial<BrokerConfig>;
  #machine: SimMachine;
  /** Topics that may have been made: name and what was asked for. */
  readonly #creating = new Map<string, number>();
  /** The state when a life ended, if the next one must begin with the same. */
  #stateAtEnd: unknown = null;
  #hasLostDisk = false;
  /** The broker may end by itself. */
  #mayFail = false;
  /** What somebody who administers has met. */
  #failure: unknown = null;
  #isWorking = false;
  /** Changes of objects until the crash that waits for them; infinite for none. */
  #changesLeft = Infinity;

  constructor(seed: number) {
    this.random = new SimRandom(seed);
    const { random, clock } = this;
    this.hasBucket = random.chance(0.8);
    this.#bucket = new SimObjectStore({ clock, random: random.fork() });
    this.#machine = this.#newMachine();
    this.#programs = Array.from(
      { length: random.below(3) },
      (_, i) => new TransactionWriter(this, `program-${i}`),
    );
    const walSegmentBytes = SEGMENT_BYTES;
    this.#config = {
      walSegmentBytes,
      tailMemoryBytes: 2 * walSegmentBytes,
      walMaxDiskBytes: this.hasBucket && random.chance(0.4) ? 0 : random.pick([3, 4, 6]) * walSegmentBytes,
      clusterId: CLUSTER_ID,
      s3Bucket: this.hasBucket ? "bucket" : null,
      s3TargetObjectBytes: random.pick([2, 8, 64, 512]) * KIB,
      compactionMinDirtyObjects: 1 + random.below(3),
      compactionReadRateBytes: random.chance(0.2) ? 200_000 : 0,
      walSyncIntervalMs: random.chance(0.2) ? 3 : 0,
    };
    globalThis.addEventListener("unhandledrejection", this.#onRejection);
  }

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unhandledrejection", this.#onRejection);
  }

  targets(): readonly WriteTarget[] {
    return [...this.#topics.values()].filter(({ deletion }) => deletion === "none").flatMap(({ targets }) =>
      targets
    );
  }

  endOf({ topic, index }: WriteTarget): number {
    const { engine } = this.#machine.running;
    const partition = engine.state.topicById(topic.topicId)?.partitions[index];
    return partition === undefined ? 0 : engine.log(partition).logEndOffset;
  }

  /** Whether the life has come to where it was to be cut, right behind a change of the objects. */
  get isAtChange(): boolean {
    return this.#changesLeft <= 0;
  }

  /** Begins a life, now and then only after starts that were cut short; checks what came back. */
  async start(): Promise<void> {
    this.#setPace();
    while (this.random.chance(0.15)) await this.#startInVain();
    if (this.random.chance(0.2)) this.#storeFaults({ failChance: 0.1, lostAnswerChance: 0.1 });
    await this.#open();
    this.#storeFaults({ failChance: 0, lostAnswerChance: 0, awayUntilMs: 0 });
    await this.#check();
    this.#topUp();
  }

  /** All writers go on for so many events of the world; things fail, and somebody administers. */
  async work(events: number): Promise<void> {
    const { random } = this;
    this.#beginFaults();
    this.#beginWriters();
    void this.#administer().catch((error) => this.#noteFailure(error));
    for (let event = 0; event < events && this.#changesLeft > 0; event++) {
      await this.clock.step();
      if (this.#hasFailed()) break;
      if (random.chance(0.004)) this.#beginFaults();
      if (random.chance(0.002)) await this.#look();
      if (random.chance(0.0005)) await this.#tryOther();
    }
    this.#assertUnrefused();
  }

  /** Ends this life. */
  async end(how: End, downMs: number): Promise<void> {
    if (this.#hasFailed()) how = this.random.chance(0.5) ? "kill" : "powerCut";
    this.#isWorking = false;
    if (how === "stop" && !await this.#stop()) how = "kill";
    this.#cutWriters();
    this.#noteStored();
    this.#stateAtEnd = how === "diskLoss" || how === "takeover" ? null : this.#finalState();
    if (how === "takeover") await this.#takeOver();
    else if (how === "diskLoss") await this.#loseDisk();
    else await this.#machine.crash(how === "stop" ? "kill" : how);
    this.#changesLeft = Infinity;
    this.#mayFail = false;
    await this.clock.advance(downMs);
  }

  /** Nothing fails any more, and all comes to rest: then the store has just what is live. */
  async comeToRest(): Promise<void> {
    await this.end("kill", 2 * HOUR_MS);
    this.#setPace(1000);
    await this.#open();
    await this.#check();
    this.#topUp();
    for (let round = 0; round < 3; round++) {
      this.#beginWriters();
      for (let event = 0; event < 150; event++) await this.clock.step();
      await this.#stopWriters();
      await this.clock.advance(10_000);
    }
    // The first of these lives does all that there is to do, the second one finds what that has left behind.
    for (let life = 0; life < 2; life++) {
      await this.#stop();
      this.#cutWriters();
      this.#noteStored();
      this.#stateAtEnd = this.#finalState();
      await this.#machine.crash("kill");
      await this.clock.advance(2 * HOUR_MS);
      await this.#open();
      await this.#check();
      await this.clock.advance(REST_MS);
    }
    await this.#check();
    this.#checkStoreAtRest();
    await this.#stop();
  }

  /** A rejection that nobody handles ends a process. With a disk that fails that is how it may end. */
  readonly #onRejection = (event: PromiseRejectionEvent): void => {
    const { reason } = event;
    if (!this.#mayFail || !(reason instanceof KliteError) || reason.code !== "DISK_FAILED") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#machine.failure ??= reason;
  };

  #newMachine(): SimMachine {
    const site = { clock: this.clock, random: this.random, bucket: this.hasBucket ? this.#bucket : null };
    return new SimMachine(site, (moment) => this.#changed(moment));
  }

  /** Of this life: everything often, or all of it slowly. */
  #setPace(slowMs = this.random.chance(0.8) ? 0 : 1000): void {
    const checkMs = slowMs === 0 ? this.random.pick([5, 20, 60]) : slowMs;
    this.restMs = slowMs === 0 ? 10 : 2000;
    Object.assign(this.#config, {
      s3FlushCheckIntervalMs: checkMs,
      s3FlushIntervalMs: 2 * checkMs,
      retentionCheckIntervalMs: 3 * checkMs,
      compactionCheckIntervalMs: 2 * checkMs,
    });
  }

  async #startInVain(): Promise<void> {
    void this.#machine.open(this.#config).catch((error) => {
      if (!(error instanceof KliteError)) throw error;
    });
    for (let steps = this.random.below(60); steps > 0; steps--) await this.clock.step();
    await this.#machine.crash(this.random.chance(0.5) ? "kill" : "powerCut");
    this.#stateAtEnd = null;
  }

  async #open(): Promise<void> {
    // Clients are still to be told of a lost disk: that is a change.
    if (this.#machine.disk.exists("klite.loss")) this.#stateAtEnd = null;
    for (;;) {
      try {
        await this.clock.run(this.#machine.open(this.#config));
        break;
      } catch (error) {
        if (!(error instanceof KliteError) || error.code !== "STORE_UNAVAILABLE") throw error;
        await this.#machine.crash("kill");
      }
    }
    if (this.#stateAtEnd !== null) {
      assert.deepEqual(stateOf(this.#machine.running.engine), this.#stateAtEnd, "the state comes back");
    }
    this.#stateAtEnd = null;
    this.#checkObjects();
  }

  #storeFaults(faults: { failChance?: number; lostAnswerChance?: number; awayUntilMs?: number }): void {
    if (this.#machine.store !== null) Object.assign(this.#machine.store.faults, faults);
  }

  #beginFaults(): void {
    const { random, clock } = this;
    const dice = random.unit();
    this.#storeFaults({ failChance: 0, lostAnswerChance: 0 });
    if (dice < 0.3) this.#storeFaults({ failChance: random.unit() / 3, lostAnswerChance: random.unit() / 3 });
    else if (dice < 0.4) this.#storeFaults({ awayUntilMs: clock.monotonicMs() + random.below(3000) });
    else if (dice < 0.45) {
      this.#mayFail = true;
      Object.assign(
        this.#machine.disk.faults,
        random.chance(0.5) ? { syncFailures: 1 } : { writeFailures: 1 },
      );
    } else if (dice < 0.65) this.#changesLeft = random.below(12);
  }

  #beginWriters(): void {
    this.#isWorking = true;
    for (const writer of this.#writers()) writer.begin(this.#machine.connect());
  }

  *#writers(): Generator<PlainWriter | TransactionWriter> {
    for (const { writers, deletion } of this.#topics.values()) if (deletion === "none") yield* writers;
    if (this.targets().length > 0) yield* this.#programs;
  }

  #cutWriters(): void {
    this.#isWorking = false;
    for (const { writers, commits } of this.#topics.values()) {
      for (const writer of writers) writer.cut();
      commits.cut();
    }
    for (const program of this.#programs) program.cut();
  }

  async #stopWriters(): Promise<void> {
    const stopping = Promise.all([...this.#writers()].map((writer) => writer.stop()));
    await this.clock.run(stopping);
    this.#assertUnrefused();
  }

  #assertUnrefused(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#hasFailed()) return;
    for (const { writers } of this.#topics.values()) for (const writer of writers) writer.assertUnrefused();
    for (const program of this.#programs) program.assertUnrefused();
  }

  #noteFailure(error: unknown): void {
    if (!(error instanceof ConnectionEnded)) this.#failure ??= error;
  }

  #hasFailed(): boolean {
    const { failure } = this.#machine;
    if (failure === null) return false;
    assert.ok(this.#mayFail, `the broker has ended by itself: ${failure}`);
    return true;
  }

  async #administer(): Promise<void> {
    const { random } = this;
    const client = this.#machine.connect();
    for (;;) {
      await new Promise<void>((resolve) =>
        void this.clock.setTimer(random.unit() * 8 * this.restMs, resolve)
      );
      const dice = random.unit();
      if (this.#topics.size === 0) await this.#create(client);
      else if (dice < 0.1) await this.#create(client);
      else if (dice < 0.15) await this.#deleteTopic(client);
      else if (dice < 0.45) await this.#deleteRecords(client);
      else await random.pick([...this.#topics.values()]).commits.commit(client);
    }
  }

  /** Topics there are not enough of. */
  #topUp(): void {
    const missing = TOPICS_MAX - this.#topics.size;
    if (missing <= 0) return;
    const client = this.#machine.connect();
    const creating = async () => {
      for (let left = missing; left > 0; left--) await this.#create(client);
    };
    void creating().catch((error) => this.#noteFailure(error));
  }

  async #create(client: WireClient): Promise<void> {
    if (this.#topics.size >= TOPICS_MAX) return;
    const name = ["a", "b", "c"].find((name) => !this.#isTaken(name));
    if (name === undefined) return;
    const kind = this.random.below(KINDS.length);
    this.#creating.set(name, kind);
    const partitions = 1 + this.random.below(2);
    try {
      const ref = await createTopic(client, name, { partitions, configs: KINDS[kind]!.configs });
      this.#creating.delete(name);
      this.#adopt(ref, partitions, kind);
    } catch (error) {
      const isRefused = String(error).includes("log_full") ||
        (this.#mayFail && String(error).includes("failed"));
      if (!isRefused) throw error;
      this.#creating.delete(name);
    }
  }

  #isTaken(name: string): boolean {
    return this.#creating.has(name) || [...this.#topics.values()].some(({ ref }) => ref.name === name);
  }

  #adopt(ref: TopicRef, partitions: number, kind: number): void {
    const { rules } = KINDS[kind]!;
    const targets = Array.from({ length: partitions }, (_, index): WriteTarget => ({
      topic: ref,
      index,
      model: new TierPartition(`${ref.name}-${index}`, rules),
    }));
    const topic: TierTopic = {
      ref,
      targets,
      writers: targets.map((target) => new PlainWriter(this, target)),
      commits: new GroupCommits(ref),
      deletion: "none",
    };
    this.#topics.set(ref.topicId, topic);
    if (this.#isWorking) { for (const writer of topic.writers) writer.begin(this.#machine.connect()); }
  }

  async #deleteTopic(client: WireClient): Promise<void> {
    const topic = this.random.pick([...this.#topics.values()]);
    if (topic.deletion !== "none") return;
    topic.deletion = "asked";
    for (const writer of topic.writers) writer.cut();
    const errorCode = await deleteTopic(client, topic.ref.name);
    if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR) return;
    assert.equal(errorCode, ErrorCode.NONE, errorName(errorCode));
    topic.deletion = "answered";
    this.#topics.delete(topic.ref.topicId);
  }

  async #deleteRecords(client: WireClient): Promise<void> {
    // Of a topic that is compacted only, Kafka lets nothing be deleted.
    const targets = this.targets().filter(({ model: { rules } }) =>
      !rules.isCompacted || rules.retentionMs < Infinity
    );
    if (targets.length === 0) return;
    const { topic, index, model } = this.random.pick(targets);
    const offset = this.random.below(model.knownEnd + 1);
    model.deleteAsked = Math.max(model.deleteAsked, offset);
    const answer = await client.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: index, offset }] }],
      timeoutMs: 30_000,
    });
    const { errorCode } = only(answer.topics.flatMap(({ partitions }) => partitions));
    if (errorCode === ErrorCode.NONE) model.deleteAnswered = Math.max(model.deleteAnswered, offset);
    else if (errorCode !== ErrorCode.KAFKA_STORAGE_ERROR) assert.fail(errorName(errorCode));
  }

  /** A consumer reads while all goes on; what the store's faults do to it is an error that it may try again. */
  async #look(): Promise<void> {
    const targets = this.targets();
    if (targets.length === 0 || !this.#machine.isRunning) return;
    const { topic, index, model } = this.random.pick(targets);
    try {
      const { known } = model;
      const client = this.#machine.connect();
      const reading = readWhole(client, topic, index, "all");
      const failed = this.#machine.running.failed;
      const all = await this.clock.run(Promise.race([reading, failed]));
      if (!this.#isStill(topic)) return;
      model.seen(all, known, this.clock.nowMs());
      const committed = readWhole(client, topic, index, "committed");
      const onlyCommitted = await this.clock.run(Promise.race([committed, failed]));
      if (this.#isStill(topic)) model.seenCommitted(onlyCommitted);
    } catch (error) {
      const isExpected = error instanceof ReadError || error instanceof ConnectionEnded ||
        (error instanceof KliteError && this.#mayFail);
      if (!isExpected) throw error;
    }
  }

  /** Whether the name has not become another topic's meanwhile: a reader asks by name. */
  #isStill({ topicId }: TopicRef): boolean {
    return this.#topics.get(topicId)?.deletion === "none";
  }

  /** While a broker is at work and has its store, no other one begins. */
  async #tryOther(): Promise<void> {
    if (!this.hasBucket) return;
    this.#storeFaults({ failChance: 0, lostAnswerChance: 0, awayUntilMs: 0 });
    const other = this.#newMachine();
    const opening = other.open(this.#config).then(() => null, (error: unknown) => error);
    const refusal = await this.clock.run(opening);
    if (!this.#hasFailed()) {
      assert.ok(
        refusal instanceof KliteError && refusal.code === "LEASE_HELD",
        `one broker serves: ${refusal}`,
      );
    }
    await other.crash("kill");
  }

  /** Compares all that can be seen with what is known, when nobody writes. */
  async #check(): Promise<void> {
    const client = this.#machine.connect();
    for (const program of this.#programs) {
      await this.clock.run(program.fence(client));
    }
    for (const name of this.#checkTopics()) await this.clock.run(deleteTopic(client, name));
    const readings: { model: TierPartition; committed: Reading; all: Reading }[] = [];
    for (const { targets, commits } of this.#topics.values()) {
      for (const { topic, index, model } of targets) {
        const committed = await this.#readAtRest(client, topic, index, "committed");
        const all = await this.#readAtRest(client, topic, index, "all");
        if (this.#hasLostDisk) model.lost(all, committed);
        readings.push({ model, committed, all });
      }
      await this.clock.run(commits.check(client, this.#hasLostDisk));
    }
    const nowMs = this.clock.nowMs();
    for (const { model, committed, all } of readings) {
      model.seen(all, model.known, nowMs);
      model.seenCommitted(committed);
    }
    for (const { model } of readings) model.settle();
    for (const { model, committed, all } of readings) model.judge(committed, all, nowMs);
    this.#hasLostDisk = false;
  }

  async #readAtRest(
    client: WireClient,
    topic: TopicRef,
    index: number,
    isolation: "all" | "committed",
  ): Promise<Reading> {
    for (;;) {
      try {
        return await this.clock.run(readWhole(client, topic, index, isolation));
      } catch (error) {
        // Retention goes on.
        if (!(error instanceof ReadError) || error.errorCode !== ErrorCode.OFFSET_OUT_OF_RANGE) throw error;
      }
    }
  }

  /**
   * The topics that there are must be those that there may be. Answers those that were deleted, or made, behind what a
   * lost disk has left.
   */
  #checkTopics(): string[] {
    const { state } = this.#machine.running.engine;
    for (const topic of this.#topics.values()) {
      const isThere = state.topicById(topic.ref.topicId) !== undefined;
      const wasStored = topic.targets.some(({ model }) => model.storedEnd > model.startOffset);
      const mayBeGone = topic.deletion === "asked" || (this.#hasLostDisk && !wasStored);
      assert.ok(isThere || mayBeGone, `the topic ${topic.ref.name} is there`);
      if (!isThere) this.#topics.delete(topic.ref.topicId);
    }
    const strange: string[] = [];
    for (const { id, name, partitions } of state.topics()) {
      if (this.#topics.has(id)) continue;
      const kind = this.#creating.get(name);
      assert.ok(kind !== undefined || this.#hasLostDisk, `the topic ${name} was made by nobody, or deleted`);
      if (kind === undefined || this.#hasLostDisk) strange.push(name);
      else this.#adopt({ name, topicId: id }, partitions.length, kind);
    }
    this.#creating.clear();
    return strange;
  }

  /** Every object that the metadata names is there, as large as it says. */
  #checkObjects(): void {
    for (const [key, sizeBytes] of liveObjects(CLUSTER_ID, this.#machine.running.engine)) {
      assert.equal(this.#sizeOf(key), sizeBytes, `the live object ${key} is there`);
    }
  }

  #sizeOf(key: string): number | undefined {
    if (this.hasBucket) return this.#bucket.peek(key)?.length;
    const entry = this.#machine.disk.look(`objects/${key}`);
    return entry?.sizeBytes;
  }

  #changed({ verb, isDone }: StoreMoment): void {
    if (!isDone || (verb !== "put" && verb !== "delete")) return;
    this.#changesLeft--;
    if (verb === "delete" && this.#machine.isRunning) this.#checkObjects();
  }

  /** What is stored for sure is lost by nothing. */
  #noteStored(): void {
    if (!this.#machine.isRunning) return;
    const { engine } = this.#machine.running;
    for (const { targets } of this.#topics.values()) {
      for (const { topic, index, model } of targets) {
        const partition = engine.state.topicById(topic.topicId)?.partitions[index];
        if (partition === undefined) continue;
        const { objects, storedEnd } = engine.log(partition);
        model.storedEnd = objects.count > 0 ? storedEnd : 0;
      }
    }
  }

  /** The state, if all of it is durable; else the next life may begin with less. */
  #finalState(): unknown {
    if (!this.#machine.isRunning || this.#machine.failure !== null) return null;
    const { wal } = this.#machine.running.engine;
    return wal.durableLsn < wal.endLsn ? null : stateOf(this.#machine.running.engine);
  }

  /** In order; answers whether it came to that before the disk failed. */
  async #stop(): Promise<boolean> {
    this.#storeFaults({ failChance: 0, lostAnswerChance: 0 });
    const { running } = this.#machine;
    try {
      await this.clock.run(Promise.race([running.stop("the world says so"), running.failed]));
    } catch (error) {
      this.#machine.failure ??= error;
    }
    return !this.#hasFailed();
  }

  async #loseDisk(): Promise<void> {
    await this.#machine.crash("kill");
    this.#beginWithout();
  }

  /** The broker goes on without its store while another one, with an empty disk, takes over; then it must give up. */
  async #takeOver(): Promise<void> {
    const before = this.#machine;
    this.#storeFaults({ awayUntilMs: Infinity });
    this.#beginWithout();
    this.#setPace(1000);
    await this.clock.run(this.#machine.open(this.#config));
    const keys = this.#bucket.keys().filter((key) => key.endsWith(".obj"));
    const live = [...liveObjects(CLUSTER_ID, this.#machine.running.engine).keys()].map((key) =>
      [key, this.#bucket.peek(key)] as const
    );
    Object.assign(before.store!.faults, { failChance: 0, lostAnswerChance: 0, awayUntilMs: 0 });
    await this.clock.advance(40_000);
    assert.ok(before.failure instanceof KliteError, "a broker that has lost its lease gives up");
    for (const key of keys) assert.ok(this.#bucket.peek(key) !== undefined, `${key} is still there`);
    for (const [key, bytes] of live) assert.deepEqual(this.#bucket.peek(key), bytes, `${key} is as it was`);
    await before.crash("kill");
    await this.#machine.crash("kill");
  }

  #beginWithout(): void {
    this.#machine = this.#newMachine();
    this.#hasLostDisk = true;
    for (const { writers } of this.#topics.values()) for (const writer of writers) writer.forget();
  }

  #checkStoreAtRest(): void {
    const live = liveObjects(CLUSTER_ID, this.#machine.running.engine);
    for (const key of live.keys()) {
      if (this.hasBucket) plainBatches(this.#bucket.peek(key)!, key);
    }
    // A broker that knows no topic trusts its metadata less than the store, and leaves that as it is.
    if (!this.hasBucket || this.#machine.running.engine.state.partitionCount === 0) return;
    const left = this.#bucket.keys().filter((key) => key.endsWith(".obj") && !live.has(key));
    const orphans = left.filter((key) => !isRedone(CLUSTER_ID, this.#machine.running.engine, key));
    assert.deepEqual(orphans, [], "the store has no object that nobody needs");
  }
}
