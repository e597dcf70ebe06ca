import assert from "node:assert/strict";
import { plainObject } from "../../../tests/support/plain_object.ts";
import { ClusterState, decideCreateTopic } from "../../cluster/mod.ts";
import { SimClock } from "../../io/sim/clock.ts";
import type { CompactJob, CompactResult } from "../../objects/contract.ts";
import { buildBatch } from "../../records/compress.ts";
import { BatchHeader, buildControlBatch, EndMarker } from "../../records/outside.ts";
import { Deadlines } from "../deadlines.ts";
import { PartitionLogs } from "../partition_logs.ts";
import { Compaction } from "./compaction.ts";

const TOPIC_ID = "0123456789abcdefABCDEF";
const TOPIC_CONFIGS = [
  { name: "cleanup.policy", value: "compact" },
  { name: "min.cleanable.dirty.ratio", value: "0.01" },
];
const SETTINGS = {
  compactionCheckIntervalMs: 1000,
  compactionMinDirtyObjects: 1,
  compactionReadRateBytes: 0,
  targetObjectBytes: 2 ** 20,
};
const PROGRAM = { producerId: 7, producerEpoch: 0 };
const NOTHING_CAME_OF_IT: CompactResult = { objects: [], replaced: 0, recordsBefore: 0, recordsAfter: 0 };

/** A compacted partition, written record by record, and stored when told so. What cleans it only says what it would do. */
class World {
  readonly #clock = new SimClock();
  readonly #state = new ClusterState();
  readonly #logs = new PartitionLogs();
  readonly #jobs: CompactJob[] = [];
  readonly #compaction: Compaction;

  constructor() {
    const [clock, state, logs] = [this.#clock, this.#state, this.#logs];
    const command = {
      name: "prices",
      partitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: TOPIC_CONFIGS,
    };
    const limits = { nodeId: 1, defaultPartitions: 1, maxPartitionsPerRequest: 1, maxPartitions: 1 };
    const decision = decideCreateTopic(state, command, limits, TOPIC_ID);
    assert.ok("records" in decision);
    for (const record of decision.records) logs.apply(state, record, 0);
    this.#compaction = new Compaction({
      engine: {
        clock,
        state,
        logs,
        deadlines: new Deadlines(clock),
        isClosing: false,
        execute: () => assert.fail("there is nothing to apply"),
        randomBytes: (count: number) => new Uint8Array(count),
      },
      jobs: { compact: (job) => (this.#jobs.push(job), Promise.resolve(NOTHING_CAME_OF_IT)) },
      events: ({ type }) => assert.fail(type),
      damage: { suspect: () => assert.fail("nothing is damaged"), isBeyondRepair: () => false },
      settings: SETTINGS,
      mayChangeObjects: () => true,
    });
  }

  get #log() {
    return this.#logs.of(1);
  }

  /** A record of no transaction; the log alone has it. */
  write(): void {
    this.#append(buildBatch([{ timestampMs: 0 }], { baseOffset: this.#log.logEndOffset }));
  }

  /** A record of the program's transaction, which begins with it when none is open. */
  writeInTransaction(baseSequence = 0): void {
    const baseOffset = this.#log.logEndOffset;
    const options = { ...PROGRAM, baseOffset, baseSequence, isTransactional: true };
    this.#append(buildBatch([{ timestampMs: 0 }], options));
  }

  commit(): void {
    const log = this.#log;
    const mark = { marker: EndMarker.COMMIT, coordinatorEpoch: 0 };
    const bytes = buildControlBatch({ ...PROGRAM, ...mark, timestampMs: 0, baseOffset: log.logEndOffset });
    this.#logs.appendMark(log, new BatchHeader().read(bytes, 0), bytes, 0, log.logEndOffset, 0);
    log.raiseHighWatermark(log.logEndOffset);
  }

  /** One object of all below `endOffset` that is in none yet. */
  store(endOffset: number): void {
    this.#log.objectsStored([plainObject(this.#log.storedEnd, endOffset)], 0);
  }

  /** Up to where a look at the partition has it cleaned; `null` when it does not. */
  async cleanedUpTo(): Promise<number | null> {
    const before = this.#jobs.length;
    await this.#compaction.lookAtAll();
    const job = this.#jobs[before];
    if (job === undefined) return null;
    assert.equal(job.mode, "clean");
    return job.uncleanableOffset;
  }

  #append(batch: Uint8Array): void {
    const log = this.#log;
    this.#logs.append(this.#state, log, new BatchHeader().read(batch, 0), log.logEndOffset, 0);
    log.raiseHighWatermark(log.logEndOffset);
  }
}

Deno.test("a transaction whose commit only the log has is not cleaned, nor does it supersede anything", async () => {
  const world = new World();
  world.write();
  world.store(1);
  world.writeInTransaction();
  world.store(2);
  assert.equal(await world.cleanedUpTo(), 1, "it is open");
  world.commit();
  assert.ok((await world.cleanedUpTo() ?? 0) <= 1, "without the disk it is open, and will be aborted");
  world.store(3);
  assert.equal(await world.cleanedUpTo(), 3);
});

Deno.test("where the log is always ahead of the objects, a commit counts once it is stored", async () => {
  const world = new World();
  world.write();
  world.store(1);
  world.writeInTransaction();
  world.write();
  assert.equal(await world.cleanedUpTo(), null, "nothing is known of what the objects decide");
  world.commit();
  world.write();
  world.store(3);
  assert.equal(await world.cleanedUpTo(), 1, "all that was stable when the log ended at 3");
  world.write();
  world.store(4);
  assert.equal(await world.cleanedUpTo(), 1, "the last look knew of all below 5 together");
  world.store(5);
  assert.equal(await world.cleanedUpTo(), 5);
});
