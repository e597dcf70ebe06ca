import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import type { SimClock } from "../../src/io/sim/clock.ts";
import type { SimRandom } from "../../src/io/sim/random.ts";
import type { Compression } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { initProducerIdRequest } from "../../src/protocol/generated/init_producer_id_request.ts";
import { initProducerIdResponse } from "../../src/protocol/generated/init_producer_id_response.ts";
import { produce, type TopicRef } from "../support/requests.ts";
import { type Identity, TransactionalProducer } from "../support/transactional_producer.ts";
import { ConnectionEnded, type WireClient } from "../support/wire_client.ts";
import type { SentRecord, TierPartition, TransactionFate } from "./tier_partition.ts";
import { recordId } from "./tier_reader.ts";

const VALUE_BYTES = [0, 100, 900, 6000];
const RECORDS_MAX = 4;
const KEYS = 5;
const WRITES_MAX = 4;
const RETRY_MS = 300;
/** Topics are named by id: one that is made anew under the same name is another. */
const PRODUCE_VERSION = 13;
/** What a broker answers whose log is full, to those who may try again. */
const RETRIABLE: readonly number[] = [ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.COORDINATOR_NOT_AVAILABLE];

/** A partition and how to reach it. */
export interface WriteTarget {
  readonly topic: TopicRef;
  readonly index: number;
  readonly model: TierPartition;
}

/** What writers need of their world. */
export interface WriterWorld {
  readonly clock: SimClock;
  readonly random: SimRandom;
  /** How long a writer rests at most between two writes. */
  restMs: number;
  /** Partitions that there are now. */
  targets(): readonly WriteTarget[];
  /** Where the partition's log ends. */
  endOf(target: WriteTarget): number;
}

/** What both kinds of writers do: one thing after the other on a connection, until that is cut. */
abstract class Writer {
  protected readonly world: WriterWorld;
  #life = 0;
  #failure: string | null = null;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(world: WriterWorld) {
    this.world = world;
  }

  begin(client: WireClient): void {
    const life = ++this.#life;
    this.#isStopping = false;
    this.#running = this.run(client, life).catch((error) => {
      if (!(error instanceof ConnectionEnded) && this.#life === life) {
        this.#failure ??= String(error?.stack ?? error);
      }
    });
  }

  /** Resolves when what is under way is done. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.#running;
  }

  cut(): void {
    this.#life++;
    this.#running = Promise.resolve();
    this.onCut();
  }

  protected get life(): number {
    return this.#life;
  }

  /** Throws if the broker has answered what it must not answer. */
  assertUnrefused(): void {
    if (this.#failure !== null) throw new Error(this.#failure);
  }

  protected abstract run(client: WireClient, life: number): Promise<void>;

  protected onCut(): void {}

  protected isStopping(): boolean {
    return this.#isStopping;
  }

  /** An answer that comes for an old life is nobody's. */
  protected alive(life: number): void {
    if (this.#life !== life) throw new ConnectionEnded("this life is over");
  }

  protected async rest(maxMs: number, life: number): Promise<void> {
    const delayMs = this.world.random.unit() * maxMs;
    await new Promise<void>((resolve) => void this.world.clock.setTimer(delayMs, resolve));
    this.alive(life);
  }

  protected makeRecords(
    { model }: WriteTarget,
    { producerId, epoch }: Identity,
    sequence: number,
    transaction: TransactionFate | null,
  ): SentRecord[] {
    const { random, clock } = this.world;
    const records = Array.from({ length: 1 + random.below(RECORDS_MAX) }, (_, index): SentRecord => ({
      id: recordId(producerId, epoch, sequence + index),
      key: `key ${random.below(KEYS)}`,
      value: random.chance(0.2) ? null : `${sequence + index} `.padEnd(random.pick(VALUE_BYTES), "."),
      timestampMs: clock.nowMs(),
      transaction,
      offset: null,
    }));
    model.sent(records);
    return records;
  }

  /** Sends a batch until it is answered; answers whether its topic was there. */
  protected async deliver(
    client: WireClient,
    { topic, index, model }: WriteTarget,
    records: readonly SentRecord[],
    batch: Uint8Array,
    life: number,
    transactionalId: string | null,
  ): Promise<boolean> {
    for (;;) {
      const options = { version: PRODUCE_VERSION, partition: index, transactionalId };
      const { errorCode, baseOffset } = await produce(client, topic, batch, options);
      this.alive(life);
      if (errorCode === ErrorCode.NONE) {
        model.answered(records, baseOffset);
        return true;
      }
      if (errorCode === ErrorCode.UNKNOWN_TOPIC_ID) return false;
      if (!RETRIABLE.includes(errorCode)) {
        throw new Error(`a write was refused: ${errorName(errorCode)}`);
      }
      await this.rest(RETRY_MS, life);
    }
  }
}

/** An idempotent producer of one partition. What was not answered it repeats in the next life. */
export class PlainWriter extends Writer {
  readonly #target: WriteTarget;
  #producerId = -1;
  #sequence = 0;
  #open: { readonly records: readonly SentRecord[]; readonly batch: Uint8Array } | null = null;

  constructor(world: WriterWorld, target: WriteTarget) {
    super(world);
    this.#target = target;
  }

  /** Its broker does not know it any more, or less of it than it does. */
  forget(): void {
    this.#producerId = -1;
    this.#sequence = 0;
    this.#open = null;
  }

  /** Writes one batch. */
  async writeOne(client: WireClient, life: number): Promise<boolean> {
    while (this.#producerId < 0) {
      const producerId = await idOrNone(client);
      this.alive(life);
      if (producerId >= 0) this.#producerId = producerId;
      else await this.rest(RETRY_MS, life);
    }
    this.#open ??= this.#next();
    const { records, batch } = this.#open;
    if (!await this.deliver(client, this.#target, records, batch, life, null)) return false;
    this.#sequence += records.length;
    this.#open = null;
    return true;
  }

  protected override async run(client: WireClient, life: number): Promise<void> {
    while (!this.isStopping() && await this.writeOne(client, life)) await this.rest(this.world.restMs, life);
  }

  #next() {
    const identity = { producerId: this.#producerId, epoch: 0 };
    const records = this.makeRecords(this.#target, identity, this.#sequence, null);
    const { random } = this.world;
    const compression = (random.chance(0.5) ? 0 : random.below(5)) as Compression;
    return {
      records,
      batch: encode(records, identity, this.#sequence, { isTransactional: false, compression }),
    };
  }
}

/** A program that does one transaction after another over all partitions. */
export class TransactionWriter extends Writer {
  readonly #id: string;
  #current: TransactionFate | null = null;

  constructor(world: WriterWorld, id: string) {
    super(world);
    this.#id = id;
  }

  /** Whatever was open is not any more, once this has been answered. */
  async fence(client: WireClient): Promise<void> {
    await this.#init(new TransactionalProducer(client, this.#id));
    this.onCut();
  }

  protected override onCut(): void {
    if (this.#current?.state === "open") this.#current.state = "aborted";
    this.#current = null;
  }

  protected override async run(client: WireClient, life: number): Promise<void> {
    const producer = new TransactionalProducer(client, this.#id);
    await this.#init(producer, life);
    while (!this.isStopping()) {
      if (this.world.targets().length > 0) await this.#transaction(client, producer, life);
      await this.rest(this.world.restMs, life);
    }
  }

  async #init(producer: TransactionalProducer, life = this.life): Promise<void> {
    for (;;) {
      const errorCode = await producer.init();
      this.alive(life);
      if (errorCode === ErrorCode.NONE) return;
      if (!RETRIABLE.includes(errorCode)) {
        throw new Error(`init was refused: ${errorName(errorCode)}`);
      }
      await this.rest(RETRY_MS, life);
    }
  }

  async #transaction(client: WireClient, producer: TransactionalProducer, life: number): Promise<void> {
    const { world } = this;
    const fate: TransactionFate = { state: "open", endOffsets: new Map() };
    this.#current = fate;
    const sequences = new Map<TierPartition, number>();
    const touched: WriteTarget[] = [];
    for (let left = 1 + world.random.below(WRITES_MAX); left > 0; left--) {
      const targets = world.targets();
      if (targets.length === 0) break;
      const target = world.random.pick(targets);
      const sequence = sequences.get(target.model) ?? 0;
      const records = this.makeRecords(target, producer.identity, sequence, fate);
      const batch = encode(records, producer.identity, sequence, { isTransactional: true });
      if (!await this.deliver(client, target, records, batch, life, this.#id)) {
        await this.#giveUp(producer, fate, life);
        return;
      }
      sequences.set(target.model, sequence + records.length);
      touched.push(target);
      await this.rest(world.restMs / 4, life);
    }
    const isCommit = world.random.chance(0.7);
    if (isCommit) fate.state = "asked";
    await this.#end(producer, isCommit, life);
    fate.state = isCommit ? "committed" : "aborted";
    for (const target of touched) fate.endOffsets.set(target.model, world.endOf(target));
  }

  async #giveUp(producer: TransactionalProducer, fate: TransactionFate, life: number): Promise<void> {
    await this.#init(producer, life);
    fate.state = "aborted";
  }

  async #end(producer: TransactionalProducer, isCommit: boolean, life: number): Promise<void> {
    for (;;) {
      const errorCode = await producer.end(isCommit);
      this.alive(life);
      if (errorCode === ErrorCode.NONE) return;
      if (!RETRIABLE.includes(errorCode)) {
        throw new Error(`end was refused: ${errorName(errorCode)}`);
      }
      await this.rest(RETRY_MS, life);
    }
  }
}

/** A fresh id for an idempotent producer; -1 when a full log has no room for it. */
async function idOrNone(client: WireClient): Promise<number> {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 };
  const answer = await client.send(initProducerIdRequest, initProducerIdResponse, 4, request);
  if (answer.errorCode === ErrorCode.NONE) return answer.producerId;
  if (RETRIABLE.includes(answer.errorCode)) return -1;
  throw new Error(`no producer id: ${errorName(answer.errorCode)}`);
}

function encode(
  records: readonly SentRecord[],
  { producerId, epoch }: Identity,
  baseSequence: number,
  fields: { readonly isTransactional: boolean; readonly compression?: Compression },
): Uint8Array {
  const encoder = new TextEncoder();
  return buildBatch(
    records.map(({ key, value, timestampMs }) => ({
      key: encoder.encode(key),
      value: value === null ? null : encoder.encode(value),
      timestampMs,
    })),
    { producerId, producerEpoch: epoch, baseSequence, ...fields },
  );
}
