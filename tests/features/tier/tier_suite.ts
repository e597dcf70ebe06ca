/** What a broker with objects does, whatever the store: the same tests on each. */
import assert from "node:assert/strict";
import { ErrorCode } from "../../../src/base/error_codes.ts";
import type { BrokerConfig } from "../../../src/broker/mod.ts";
import type { PartitionLog } from "../../../src/engine/mod.ts";
import { deleteRecordsRequest } from "../../../src/protocol/generated/delete_records_request.ts";
import { deleteRecordsResponse } from "../../../src/protocol/generated/delete_records_response.ts";
import { buildBatch } from "../../../src/records/compress.ts";
import { readCommitted } from "../../support/read_committed.ts";
import {
  createTopic,
  deleteTopic,
  EARLIEST,
  fetch,
  MAX_TIMESTAMP,
  offsetOf,
  produce,
  readAll,
  readRecords,
  textBatch,
  type TopicRef,
} from "../../support/requests.ts";
import { type TierHost, until } from "../../support/tier_host.ts";
import { TransactionalProducer } from "../../support/transactional_producer.ts";
import type { WireClient } from "../../support/wire_client.ts";

const HOUR_MS = 3_600_000;
const VALUE_BYTES = 3000;
/** Records leave the log as soon as they may. */
const SMALL_LOG: Partial<BrokerConfig> = { walMaxDiskBytes: 3 * 64 * 1024 };
/** Nothing is stored for its age. */
const PATIENT: Partial<BrokerConfig> = { s3FlushIntervalMs: HOUR_MS };

/** A store to test on, and how to get a host for each test. */
export interface TierStore {
  readonly name: string;
  readonly ignore?: boolean;
  open(): Promise<TierHost>;
}

/** A broker with one topic. */
class Scene {
  client!: WireClient;
  topic!: TopicRef;
  readonly values: string[] = [];

  constructor(readonly host: TierHost) {}

  async start(config: Partial<BrokerConfig> = {}, topicConfigs: Readonly<Record<string, string>> = {}) {
    await this.host.start(config);
    this.client = await this.host.connect();
    this.topic ??= await this.run(createTopic(this.client, "orders", { configs: topicConfigs }));
  }

  async restart(config: Partial<BrokerConfig> = {}): Promise<void> {
    await this.host.stop();
    await this.start(config);
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.host.run(work);
  }

  get log(): PartitionLog {
    const { engine } = this.host.running;
    return engine.log(engine.state.topicById(this.topic.topicId)!.partitions[0]!);
  }

  async write(batches: number, timestampMs = this.host.nowMs()): Promise<void> {
    for (let left = batches; left > 0; left--) {
      const value = `${this.values.length} `.padEnd(VALUE_BYTES, ".");
      const { errorCode, baseOffset } = await this.run(
        produce(this.client, this.topic, textBatch([value], timestampMs + this.values.length)),
      );
      assert.deepEqual([errorCode, baseOffset], [ErrorCode.NONE, this.values.length]);
      this.values.push(value);
    }
  }

  async stored(): Promise<void> {
    await until(this.host, () => this.log.storedEnd === this.log.logEndOffset);
  }

  /** Others write so much that nothing but objects has these records any more. */
  async makeCold(): Promise<void> {
    const filling = textBatch(["f".repeat(10 * VALUE_BYTES)], this.host.nowMs());
    const filler = await this.run(createTopic(this.client, "filler"));
    for (let turns = 0; !this.log.isStoredOnly(this.log.logEndOffset - 1); turns++) {
      assert.ok(turns < 100, "the log lets go of them");
      assert.equal((await this.run(produce(this.client, filler, filling))).errorCode, ErrorCode.NONE);
      await this.host.pass(20);
    }
  }

  async check(fromOffset = 0): Promise<void> {
    const values = (await this.run(readAll(this.client, this.topic))).map(({ value }) => value);
    assert.deepEqual(values, this.values.slice(fromOffset));
  }

  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of this.pages()) keys.push(...page);
    return keys;
  }

  async startOffset(): Promise<number> {
    return (await this.run(offsetOf(this.client, this.topic, EARLIEST))).offset;
  }

  /** Replaces an object by what `change` makes of its bytes. */
  async spoil(key: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): Promise<void> {
    const { store } = this.host;
    const { bytes } = await this.run(store.get(key));
    await this.run(store.put(key, change(bytes)));
  }

  private async *pages(): AsyncGenerator<string[]> {
    const listing = this.host.store.list("klite-tier/")[Symbol.asyncIterator]();
    for (let page = await this.run(listing.next()); !page.done; page = await this.run(listing.next())) {
      yield page.value.map(({ key }) => key).filter((key) => key.endsWith(".obj"));
    }
  }
}

/** Registers the suite for a store. */
export function tierSuite({ name, ignore = false, open }: TierStore): void {
  const test = (title: string, body: (scene: Scene) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${title}`,
      ignore,
      fn: async () => {
        await using host = await open();
        await body(new Scene(host));
      },
    });

  test("records become objects by their age, and when there are enough of them", async (scene) => {
    await scene.start();
    await scene.write(2);
    await scene.stored();
    assert.equal((await scene.keys()).length, scene.log.objects.count);
    await scene.restart(PATIENT);
    const before = scene.log.objects.count;
    await scene.write(14);
    await until(scene.host, () => scene.log.objects.count > before + 1);
    assert.ok(scene.log.storedEnd < scene.log.logEndOffset, "what does not fill an object waits");
    await scene.check();
    await scene.restart();
    assert.equal(scene.log.storedEnd, scene.log.logEndOffset, "a stop stores all");
    await scene.check();
  });

  test("a log that is low on room has its records stored, and lets go of them", async (scene) => {
    await scene.start({ ...SMALL_LOG, ...PATIENT, s3TargetObjectBytes: 2 ** 20 });
    await scene.write(150);
    assert.ok(scene.host.running.engine.wal.figures.diskBytes <= 3 * 64 * 1024);
    assert.ok(scene.log.isStoredOnly(0));
    await scene.check();
  });

  test("cold records are read by offset and by time, over a restart", async (scene) => {
    await scene.start(SMALL_LOG);
    const sinceMs = scene.host.nowMs();
    await scene.write(30, sinceMs);
    await scene.stored();
    await scene.makeCold();
    for (let life = 0; life < 2; life++) {
      for (const offset of [0, 7, 29]) {
        const answer = await scene.run(fetch(scene.client, scene.topic, offset, { partitionMaxBytes: 1 }));
        assert.equal(
          readRecords(answer.records).find((record) => record.offset === offset)?.value,
          scene.values[offset],
        );
        const found = await scene.run(offsetOf(scene.client, scene.topic, sinceMs + offset));
        assert.deepEqual([found.offset, found.timestamp], [offset, sinceMs + offset]);
      }
      const newest = await scene.run(offsetOf(scene.client, scene.topic, MAX_TIMESTAMP));
      assert.equal(newest.offset, scene.values.length - 1);
      await scene.check();
      await scene.restart(SMALL_LOG);
    }
  });

  test("old records go by time, and those that a client deletes", async (scene) => {
    await scene.start({ s3TargetObjectBytes: 4000, s3FlushIntervalMs: 200 }, {
      "retention.ms": String(HOUR_MS),
    });
    await scene.write(4, scene.host.nowMs() - 2 * HOUR_MS);
    await scene.stored();
    await scene.write(6);
    await until(scene.host, () => scene.log.logStartOffset >= 4);
    await scene.stored();
    const answer = await scene.run(scene.client.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
      topics: [{ name: scene.topic.name, partitions: [{ partitionIndex: 0, offset: 7 }] }],
      timeoutMs: 30_000,
    }));
    assert.equal(answer.topics[0]?.partitions[0]?.lowWatermark, 7);
    for (let life = 0; life < 2; life++) {
      assert.equal(await scene.startOffset(), 7);
      await scene.check(7);
      const below = await scene.run(fetch(scene.client, scene.topic, 6));
      assert.equal(below.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
      await scene.restart();
    }
  });

  test("a topic that is deleted is gone with its objects, and one of the same name begins anew", async (scene) => {
    await scene.start();
    await scene.write(3);
    await scene.stored();
    assert.equal(await scene.run(deleteTopic(scene.client, scene.topic.name)), ErrorCode.NONE);
    scene.topic = await scene.run(createTopic(scene.client, scene.topic.name));
    scene.values.length = 0;
    await scene.write(2);
    await scene.stored();
    await scene.restart();
    await scene.check();
  });

  test("compaction keeps each key's last value, and readers of committed records all that was committed", async (scene) => {
    await scene.start(SMALL_LOG, {
      "cleanup.policy": "compact",
      "min.cleanable.dirty.ratio": "0.01",
      "delete.retention.ms": "0",
    });
    const producer = new TransactionalProducer(scene.client, "t", { timestampMs: scene.host.nowMs() });
    assert.equal(await scene.run(producer.init()), ErrorCode.NONE);
    const last = new Map<string, string>();
    for (let turn = 0; turn < 12; turn++) {
      const key = `key ${turn % 3}`;
      const value = `${turn} `.padEnd(2000, ".");
      const isCommit = turn % 4 !== 1;
      const bytes = (text: string) => new TextEncoder().encode(text);
      const { producerId, epoch } = producer.identity;
      const batch = buildBatch([{ key: bytes(key), value: bytes(value), timestampMs: scene.host.nowMs() }], {
        producerId,
        producerEpoch: epoch,
        baseSequence: 0,
        isTransactional: true,
      });
      const written = await scene.run(
        produce(scene.client, scene.topic, batch, { version: 12, transactionalId: producer.transactionalId }),
      );
      assert.equal(written.errorCode, ErrorCode.NONE);
      assert.equal(await scene.run(producer.end(isCommit)), ErrorCode.NONE);
      if (isCommit) last.set(key, value);
      if (turn % 3 === 2) await scene.stored();
    }
    await scene.stored();
    const isDone = () =>
      [...scene.log.objects].every(({ isClean, deleteHorizonMs }) => isClean && deleteHorizonMs < 0);
    await until(scene.host, isDone);
    await scene.makeCold();
    for (let life = 0; life < 2; life++) {
      const read = await scene.run(readAll(scene.client, scene.topic));
      const records = read.filter(({ key }) => key?.startsWith("key "));
      assert.deepEqual(new Map(records.map(({ key, value }) => [key, value])), last);
      assert.equal(records.length, last.size);
      const committed = await scene.run(readCommitted(scene.client, scene.topic));
      assert.deepEqual(committed.toSorted(), [...last.values()].toSorted());
      await scene.restart(SMALL_LOG);
    }
  });

  test("a lost disk takes what was in no object, and nothing else; of two brokers one serves", async (scene) => {
    await scene.start({ s3TargetObjectBytes: 8000 });
    await scene.write(12);
    await scene.stored();
    assert.equal((await scene.host.refusalOfOther()).code, "LEASE_HELD");
    await until(scene.host, () => scene.host.events.filter(({ type }) => type === "flush_done").length > 0);
    await scene.host.loseDisk();
    await scene.start();
    assert.ok(scene.host.events.some(({ type }) => type === "cluster_restored"));
    await scene.check();
    await scene.write(3);
    await scene.check();
    await scene.restart();
    await scene.check();
  });

  test("damage in an object is an error of what is damaged, and a truncated one of all of it; nothing of it is served", async (scene) => {
    await scene.start({ ...SMALL_LOG, s3TargetObjectBytes: 8000 });
    await scene.write(12);
    await scene.stored();
    await scene.makeCold();
    const [first = "", second = ""] = (await scene.keys()).filter((key) => key.includes("/orders-")).sort();
    await scene.spoil(first, (bytes) => bytes.with(VALUE_BYTES / 2, bytes[VALUE_BYTES / 2]! ^ 8));
    await scene.spoil(second, (bytes) => bytes.subarray(0, bytes.length - 100));
    await scene.restart(SMALL_LOG);
    const secondOffset = scene.log.objects.at(1).baseOffset;
    for (const offset of [0, secondOffset]) {
      const answer = await scene.run(fetch(scene.client, scene.topic, offset, { maxWaitMs: 500 }));
      assert.equal(answer.errorCode, ErrorCode.CORRUPT_MESSAGE, `offset ${offset}`);
      assert.equal(answer.records?.length ?? 0, 0);
    }
    const told = scene.host.events.flatMap((event) =>
      event.type === "read_failed" ? [String(event.error)] : []
    );
    for (const key of [first, second]) assert.ok(told.some((error) => error.includes(key)), key);
    const behind = scene.log.objects.at(2).baseOffset;
    const sound = await scene.run(fetch(scene.client, scene.topic, behind, { maxWaitMs: 500 }));
    assert.equal(readRecords(sound.records)[0]?.value, scene.values[behind]);
  });

  test("damage in the log is mended by the objects that have the same records", async (scene) => {
    await scene.start({ walSegmentBytes: 128 * 1024, tailMemoryBytes: 256 * 1024 });
    await scene.write(20);
    await scene.stored();
    const { engine } = scene.host.running;
    const lsn = scene.log.batches.lsn(3);
    const segment = engine.wal.hold(lsn);
    const [path, position] = [segment.path, segment.positionOf(lsn) + 500];
    segment.release();
    await scene.host.stop();
    const file = scene.host.disk.open(path);
    const byte = new Uint8Array(1);
    file.readAtSync(byte, position);
    byte[0]! ^= 16;
    file.writeAtSync(byte, position);
    file.close();
    await scene.start();
    await scene.check();
    const told = scene.host.events.filter(({ type }) =>
      type === "log_damage_bypassed" || type === "read_failed"
    );
    assert.ok(told.every(({ type }) => type !== "read_failed") || told.length > 0);
  });
}
