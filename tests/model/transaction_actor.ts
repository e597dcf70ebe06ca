import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { offsetsError, type Partition } from "../../src/cluster/mod.ts";
import { decideTxnOffsetCommit } from "../../src/cluster/groups/mod.ts";
import { appenderOf, type AppendOutcome } from "../../src/engine/records/mod.ts";
import { PLAIN_PRODUCE } from "../../src/records/mod.ts";
import { transactionalBatch } from "../support/transactional_producer.ts";
import { asRequest, type Committing, LIMITS, type Scene } from "./scene.ts";
import type { Claim } from "./judge.ts";

const TIMEOUTS_MS = [1000, 30_000, 60_000];

/** What was sent last, to be sent again. */
interface Sent {
  readonly partition: Partition;
  readonly records: Uint8Array;
  readonly baseOffset: number;
}

/**
 * A program with a transactional id. Another one has the same id: whoever is fenced
 * goes on as if it were not, until it asks for an identity again.
 */
export class TransactionActor {
  readonly #scene: Scene;
  readonly #id: string;
  readonly #version: 1 | 2;
  #claim: Claim | null = null;
  readonly #sequences = new Map<number, number>();
  #sent: Sent | null = null;
  #knownLsn = 0;
  #values = 0;

  constructor(scene: Scene, id: string, version: 1 | 2) {
    this.#scene = scene;
    this.#id = id;
    this.#version = version;
  }

  /** A program that was told what a crash has undone has never got that answer: it is started anew. */
  crashed(endLsn: number): void {
    if (this.#knownLsn > endLsn) this.#forget();
  }

  async act(): Promise<void> {
    const { random } = this.#scene;
    if (this.#claim === null) return await this.#init(null);
    switch (random.below(14)) {
      case 0:
        return await this.#init(random.chance(0.5) ? this.#claim : null);
      case 1:
        return await this.#add(this.#claim);
      case 2:
        return await this.#sendAgain(this.#claim);
      case 3:
      case 4:
        return await this.#commitOffset(this.#claim);
      case 5:
      case 6:
      case 7:
        return await this.#end(this.#claim, random.chance(0.7));
      default:
        return await this.#write(this.#claim);
    }
  }

  async #init(expected: Claim | null): Promise<void> {
    const { random, model } = this.#scene;
    const timeoutMs = random.pick(TIMEOUTS_MS);
    const id = this.#id;
    const wasLive = expected !== null && this.#isLive(expected);
    const given = await this.#scene.ask(
      { what: "init", id, goesOn: expected !== null },
      (engine) => engine.transactions.initProducer({ id, timeoutMs, expected }),
    );
    if ("error" in given) {
      assert.ok(
        (expected !== null && !wasLive) || this.#scene.isFull,
        `InitProducerId: error ${given.error}`,
      );
      return this.#forget();
    }
    const { producerId, epoch } = model.transactions.get(id)!;
    assert.deepEqual(given.producerId, producerId);
    assert.equal(given.epoch, epoch);
    this.#become({ id, producerId, epoch });
  }

  async #write(claim: Claim): Promise<void> {
    const { random, model } = this.#scene;
    const partition = this.#scene.somePartition();
    const isAdded = model.transactions.get(this.#id)?.streams.has(partition.stream) ?? false;
    if (this.#version === 1 && !isAdded && random.chance(0.9)) await this.#addStream(claim, partition.stream);
    const sequence = this.#sequences.get(partition.stream) ?? 0;
    const values = Array.from({ length: 1 + random.below(3) }, () => `${claim.id}-${this.#values++}`);
    const records = transactionalBatch(values, claim, sequence, { timestampMs: this.#scene.nowMs });
    const isLive = this.#isLive(claim);
    const mayWrite = isLive && (this.#version === 2 || this.#isIn(partition.stream));
    const outcome = await this.#append(claim, partition, records);
    if (outcome.errorCode !== ErrorCode.NONE) {
      assert.ok(!mayWrite || this.#scene.isFull, `a live producer is refused: error ${outcome.errorCode}`);
      return;
    }
    assert.ok(mayWrite, "who has been fenced writes");
    this.#sequences.set(partition.stream, sequence + values.length);
    this.#knownLsn = this.#scene.endLsn;
    this.#sent = { partition, records, baseOffset: outcome.baseOffset };
    assert.deepEqual(model.partitions.get(partition.stream)?.at(-1)?.values, values);
  }

  /** A batch whose answer was lost is sent again: it stands in the log once. */
  async #sendAgain(claim: Claim): Promise<void> {
    if (this.#sent === null || !this.#scene.exists(this.#sent.partition)) return;
    const { partition, records, baseOffset } = this.#sent;
    const endOffset = this.#scene.model.endOffset(partition.stream);
    const mustKnow = this.#isLive(claim) && this.#isIn(partition.stream) && !this.#scene.isFull;
    const outcome = await this.#append(claim, partition, records);
    assert.equal(this.#scene.model.endOffset(partition.stream), endOffset, "one record at two offsets");
    if (outcome.errorCode === ErrorCode.NONE) assert.equal(outcome.baseOffset, baseOffset);
    else assert.ok(!mustKnow, `what stands in the log is refused: error ${outcome.errorCode}`);
  }

  #append(claim: Claim, partition: Partition, records: Uint8Array): Promise<AppendOutcome> {
    const facts = {
      ...PLAIN_PRODUCE,
      version: this.#version === 1 ? 11 : 12,
      isTransactional: true,
      transactionalId: claim.id,
    };
    return this.#scene.ask({ what: "write", claim }, async (engine) => {
      for (;;) {
        const outcome = appenderOf(engine).append(partition, records, false, facts);
        if (outcome !== null) return outcome;
        await engine.wal.whenRoom();
      }
    });
  }

  async #add(claim: Claim): Promise<void> {
    if (this.#scene.random.chance(0.5)) {
      return await this.#addStream(claim, this.#scene.somePartition().stream);
    }
    await this.#addGroup(claim, this.#scene.someGroup());
  }

  async #addStream(claim: Claim, stream: number): Promise<void> {
    const isLive = this.#isLive(claim);
    const refusal = await this.#scene.ask(
      { what: "add", claim },
      (engine) => engine.transactions.addPartitions(claim, [stream]),
    );
    assert.ok(refusal === null ? isLive && this.#isIn(stream) : !isLive || this.#scene.isFull);
  }

  async #addGroup(claim: Claim, group: string): Promise<void> {
    const isLive = this.#isLive(claim);
    const refusal = await this.#scene.ask(
      { what: "add", claim },
      (engine) => engine.transactions.addGroup(claim, group),
    );
    assert.ok(refusal === null ? isLive : !isLive || this.#scene.isFull);
  }

  /** An offset of somebody who is no member, or of a member as it believes to be one. */
  async #commitOffset(claim: Claim): Promise<void> {
    const { random } = this.#scene;
    const committing: Committing = random.chance(0.5)
      ? { group: this.#scene.someGroup(), memberId: "", instanceId: null, generation: -1 }
      : this.#scene.someCommitter();
    const { group, memberId, instanceId: groupInstanceId, generation } = committing;
    if (this.#version === 1 && random.chance(0.9)) await this.#addGroup(claim, group);
    const committer = { group, memberId, groupInstanceId, generation, producerId: claim.producerId };
    const isAdded = this.#scene.model.transactions.get(claim.id)?.groups.has(group) ?? false;
    const mayCommit = this.#isLive(claim) && (this.#version === 2 || isAdded);
    const asked = asRequest(this.#scene.someOffset());
    const skills = { addsImplicitly: this.#version === 2, knowsAbortable: true };
    let errorCode: number = ErrorCode.UNKNOWN_SERVER_ERROR;
    const refusal = await this.#scene.ask({ what: "offsets", claim }, (engine) =>
      engine.execute((state) => {
        const producerError = () => offsetsError(state, claim, group, skills, engine.transactions.limits);
        const options = { nowMs: engine.clock.nowMs(), producerError };
        const decided = decideTxnOffsetCommit(state, committer, asked, options, LIMITS);
        errorCode = decided.errors[0]?.[0] ?? errorCode;
        return decided.decision;
      }));
    if (refusal === null && errorCode === ErrorCode.NONE) {
      assert.ok(mayCommit, "who has been fenced, or has not said so before, commits offsets");
    } else if (memberId === "" && generation === -1) {
      // Somebody who is no member may always do that in a transaction.
      assert.ok(!mayCommit || this.#scene.isFull, `a live producer is refused: error ${errorCode}`);
    }
  }

  async #end(claim: Claim, isCommit: boolean): Promise<void> {
    const { model } = this.#scene;
    const transactionVersion = this.#version;
    const wasLive = this.#isLive(claim);
    const wasOpen = model.transactions.get(claim.id)?.openMs !== null;
    const given = await this.#scene.ask(
      { what: "end", claim, isCommit, transactionVersion },
      (engine) =>
        engine.transactions.endTransaction({ ...claim, isCommit, bumpsEpoch: transactionVersion === 2 }),
    );
    if ("error" in given) {
      assert.ok(
        !(wasLive && wasOpen) || this.#scene.isFull,
        `a live producer cannot end: error ${given.error}`,
      );
      // Clients give up here; some do not, and stay fenced.
      if (this.#scene.random.chance(0.5)) this.#forget();
      return;
    }
    if (wasLive) assert.equal(model.transactions.get(claim.id)?.openMs, null, "what is ended is not open");
    if (transactionVersion === 2) {
      this.#become({ id: claim.id, producerId: given.producerId, epoch: given.epoch });
    } else this.#knownLsn = this.#scene.endLsn;
  }

  #isLive({ producerId, epoch }: Claim): boolean {
    const transaction = this.#scene.model.transactions.get(this.#id);
    return transaction?.producerId === producerId && transaction.epoch === epoch;
  }

  #isIn(stream: number): boolean {
    const transaction = this.#scene.model.transactions.get(this.#id);
    return transaction?.openMs !== null && (transaction?.streams.has(stream) ?? false);
  }

  #become(claim: Claim): void {
    const before = this.#claim;
    if (before?.producerId !== claim.producerId || before.epoch !== claim.epoch) {
      this.#sequences.clear();
      this.#sent = null;
    }
    this.#claim = claim;
    this.#knownLsn = this.#scene.endLsn;
  }

  #forget(): void {
    this.#claim = null;
    this.#sent = null;
    this.#sequences.clear();
  }
}
