import assert from "node:assert/strict";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import type { KliteEvent } from "../../src/io/events.ts";
import { buildBatch } from "../../src/records/compress.ts";
import { createTopic, produce, readAll, type TopicRef } from "../support/requests.ts";
import { SEGMENT_BYTES, SimBroker } from "../support/sim_broker.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Scenario } from "./runner.ts";

const LIVES = 4;
const BATCHES = 40;
const RECORDS = 5;
const KEYS = 15;
const VALUE_BYTES = 2000;
/** The last life has time to compact all. */
const REST_MS = 60_000;

const CONFIG = {
  s3Bucket: "b",
  s3FlushIntervalMs: 300,
  s3FlushCheckIntervalMs: 100,
  s3TargetObjectBytes: 100_000,
  walMaxDiskBytes: 6 * SEGMENT_BYTES,
  compactionCheckIntervalMs: 500,
  compactionMinDirtyObjects: 1,
  compactionReadRateBytes: 0,
};

const encoder = new TextEncoder();

/** A broker with a compacted topic that is killed again and again, while its store fails. */
class CompactedLife {
  readonly broker: SimBroker;
  #topic: TopicRef | null = null;
  #count = 0;
  readonly #sent = new Map<string, string>();
  /** The last offset that was acknowledged, by key. */
  readonly #acknowledged = new Map<string, number>();

  constructor(seed: number) {
    this.broker = new SimBroker(seed);
    this.broker.store = new SimObjectStore(this.#world());
  }

  async run(): Promise<void> {
    const { broker } = this;
    for (let life = 0; life < LIVES; life++) {
      await broker.start(CONFIG);
      await this.#live();
      broker.kill();
      broker.store = broker.store!.restart(this.#world());
    }
    await broker.start(CONFIG);
    await broker.clock.advance(REST_MS);
    const client = broker.connect();
    const records = await broker.run(readAll(client, this.#topic!));
    const last = new Map<string, number>();
    for (const { offset, key, value } of records) {
      assert.equal(this.#sent.get(value ?? ""), key, "what is read was written");
      assert.ok(offset > (last.get(key ?? "") ?? -1));
      last.set(key ?? "", offset);
    }
    for (const [key, offset] of this.#acknowledged) {
      assert.ok((last.get(key) ?? -1) >= offset, `${key} lacks its record at ${offset}`);
    }
    // The log keeps some of what is stored, too, and is read first.
    const isMuch = this.#count * VALUE_BYTES > 2 * CONFIG.walMaxDiskBytes;
    assert.ok(!isMuch || records.length < this.#count / 2, `${records.length} of ${this.#count} are left`);
    assert.deepEqual(broker.events.filter(isBad), []);
    await broker.run(client[Symbol.asyncDispose]());
    await broker.stop();
  }

  async #live(): Promise<void> {
    const { broker } = this;
    const { random, clock } = broker;
    const client = broker.connect();
    const configs = { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01" };
    this.#topic ??= await broker.run(createTopic(client, "t", { configs }));
    const { faults } = broker.store!;
    faults.failChance = random.chance(0.5) ? 0.05 : 0;
    faults.lostAnswerChance = faults.failChance;
    // A life ends in the middle of whatever the broker does.
    for (let left = 5 + random.below(BATCHES); left > 0; left--) {
      await broker.run(this.#produce(client, this.#topic));
      await clock.advance(random.below(200));
    }
  }

  async #produce(client: WireClient, topic: TopicRef): Promise<void> {
    const { random, clock } = this.broker;
    const keys = Array.from({ length: RECORDS }, () => `key ${random.below(KEYS)}`);
    const values = keys.map((key) => {
      const value = `${this.#count++} `.padEnd(VALUE_BYTES, "v");
      this.#sent.set(value, key);
      return value;
    });
    const timestampMs = clock.nowMs();
    const batch = buildBatch(keys.map((key, index) => ({
      key: encoder.encode(key),
      value: encoder.encode(values[index]),
      timestampMs,
    })));
    const { errorCode, baseOffset } = await produce(client, topic, batch);
    if (errorCode !== 0) return;
    for (const [index, key] of keys.entries()) this.#acknowledged.set(key, baseOffset + index);
  }

  #world() {
    return { clock: this.broker.clock, random: this.broker.random.fork() };
  }
}

function isBad({ type }: KliteEvent): boolean {
  return type === "read_failed" || type === "broker_failed" || type === "request_failed";
}

export const compactedLives: Scenario = {
  name: "compacted-lives",
  longRuns: 1000,
  run: (seed) => new CompactedLife(seed).run(),
};
