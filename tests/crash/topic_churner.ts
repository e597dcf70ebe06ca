import assert from "node:assert/strict";
import type { SimRandom } from "../../src/io/sim/random.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../src/protocol/generated/create_topics_response.ts";
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { deleteTopic, only, produce, textBatch } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";
import { assertTaken, isBrokerGone } from "./idempotent_writer.ts";

const RECONNECT_MS = 10;
const PARTITIONS_MAX = 5;
/** Filling that goes with its topic, so that log files become free and are used again. */
const FILLING = "y".repeat(300_000);

/** A topic's fate as far as the broker has acknowledged it. */
interface Fate {
  readonly partitions: number;
  /** What was asked for last and has not been answered; `null` when nothing is open. */
  open: "create" | "delete" | null;
  exists: boolean;
}

/** Makes topics, fills and deletes them, again and again, and remembers what the broker has promised. */
export class TopicChurner {
  readonly #port: number;
  readonly #prefix: string;
  readonly #random: SimRandom;
  readonly #fates = new Map<string, Fate>();
  #stopped = false;

  /** Its topics are those whose names begin with `prefix`. */
  constructor(port: number, prefix: string, random: SimRandom) {
    this.#port = port;
    this.#prefix = prefix;
    this.#random = random;
  }

  /** Topics that were asked for. */
  get size(): number {
    return this.#fates.size;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await using client = await WireClient.connect(this.#port);
        while (!this.#stopped) await this.#oneTopic(client);
      } catch (error) {
        if (!isBrokerGone(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  /** All topics that must exist do, with their partitions; those that must not do not. `others` are not ours. */
  async check(client: WireClient, others: readonly string[]): Promise<void> {
    const { topics } = await client.send(metadataRequest, metadataResponse, 12, {
      topics: null,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const found = new Map(topics.map(({ name, partitions }) => [name ?? "", partitions.length]));
    for (const other of others) assert.ok(found.delete(other), `${other} exists`);
    for (const [name, { partitions, open, exists }] of this.#fates) {
      if (open === null) assert.equal(found.has(name), exists, `${name} ${exists ? "exists" : "is gone"}`);
      if (found.has(name)) assert.equal(found.get(name), partitions, `partitions of ${name}`);
      found.delete(name);
    }
    assert.deepEqual([...found.keys()], [], "there is no topic that nobody made");
  }

  /** Leaves none of its topics. */
  async deleteAll(client: WireClient): Promise<void> {
    for (const name of this.#fates.keys()) await deleteTopic(client, name);
  }

  async #oneTopic(client: WireClient): Promise<void> {
    const name = `${this.#prefix}-${this.#fates.size}`;
    const fate: Fate = { partitions: 1 + this.#random.below(PARTITIONS_MAX), open: "create", exists: false };
    this.#fates.set(name, fate);
    const { partitions: numPartitions } = fate;
    const made = await client.send(createTopicsRequest, createTopicsResponse, 7, {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    });
    const { errorCode, topicId } = only(made.topics);
    assertTaken(errorCode, name);
    fate.open = null;
    fate.exists = true;
    await produce(client, { name, topicId }, textBatch([FILLING]), { version: 13 });
    if (this.#random.chance(0.2)) return;

    fate.open = "delete";
    const deleted = await deleteTopic(client, name);
    assertTaken(deleted, `the end of ${name}`);
    fate.open = null;
    fate.exists = false;
  }
}
