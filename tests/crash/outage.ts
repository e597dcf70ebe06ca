import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { produceRequest } from "../../src/protocol/generated/produce_request.ts";
import { produceResponse } from "../../src/protocol/generated/produce_response.ts";
import { buildBatch } from "../../src/records/compress.ts";
import type { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import {
  createTopic,
  newProducerId,
  only,
  produceInput,
  readAll,
  type TopicRef,
} from "../support/requests.ts";
import { S3Server } from "../support/s3_server.ts";
import { WireClient } from "../support/wire_client.ts";
import { batchesOf, objectsOf, storedEnd } from "./bucket_contents.ts";
import { DataDir } from "./data_dir.ts";

const MIB = 2 ** 20;
const LOG_BYTES = 8 * MIB;
const BATCH_BYTES = 100_000;
/** Shorter than what klite itself waits for room. */
const PRODUCE_TIMEOUT_MS = 1500;
const POLL_MS = 100;
const FLAGS = [
  ...[`--wal-max-disk-size=${LOG_BYTES}`, "--s3-flush-interval=500ms", "--s3-flush-check-interval=100ms"],
  ...["--lease-duration=5s", "--lease-renew-interval=1s", "--lease-retry-interval=200ms"],
  "--cluster-id=outage",
];

/** What the S3 server does while it is away: nobody listens, or nobody answers. */
export type Outage = "stopped" | "paused";

/** What came of it. */
export interface OutageFigures {
  /** Acknowledged while the store was away, until the log was full. */
  readonly bytesMeanwhile: number;
  readonly records: number;
  readonly objects: number;
}

/** An idempotent producer that repeats what was refused, as clients do. */
class Producer {
  readonly #client: WireClient;
  readonly #topic: TopicRef;
  readonly #producerId: number;
  acknowledged = 0;

  private constructor(client: WireClient, topic: TopicRef, producerId: number) {
    this.#client = client;
    this.#topic = topic;
    this.#producerId = producerId;
  }

  static async start(client: WireClient, topic: TopicRef): Promise<Producer> {
    return new Producer(client, topic, await newProducerId(client));
  }

  /** Sends the record behind those that were acknowledged; answers the error code. */
  async write(): Promise<number> {
    const number = this.acknowledged;
    const value = new TextEncoder().encode(`${number}`.padEnd(BATCH_BYTES));
    const records = buildBatch([{ value, timestampMs: Date.now() }], {
      producerId: this.#producerId,
      producerEpoch: 0,
      baseSequence: number,
    });
    const answer = await this.#client.send(produceRequest, produceResponse, 9, {
      ...produceInput(this.#topic, records),
      timeoutMs: PRODUCE_TIMEOUT_MS,
    });
    const { errorCode, baseOffset } = only(only(answer.responses).partitionResponses);
    if (errorCode !== ErrorCode.NONE) return errorCode;
    assert.equal(baseOffset, number);
    this.acknowledged++;
    return errorCode;
  }

  async writeAll(count: number): Promise<void> {
    const end = this.acknowledged + count;
    while (this.acknowledged < end) {
      const errorCode = await this.write();
      if (errorCode === ErrorCode.NONE) continue;
      assert.equal(errorName(errorCode), "KAFKA_STORAGE_ERROR");
      await delay(POLL_MS);
    }
  }
}

/**
 * The store goes away under load until the log is full, and comes back: produces were refused in the end with an error
 * that clients retry, reads went on, and nothing is lost or stored twice; nor is it when the disk goes after a stop.
 */
export async function outageRun(outage: Outage): Promise<OutageFigures> {
  await using s3 = await S3Server.start();
  await using dir = await DataDir.make();
  const healthPort = freePort();
  const flags = [
    ...[...FLAGS, `--s3-bucket=${s3.bucket}`, `--s3-endpoint=${s3.endpoint}`],
    `--health-addr=127.0.0.1:${healthPort}`,
  ];
  const options = { env: s3.env, flags };
  const { topic, figures } = await dir.live("stop", async (client, broker) => {
    const made = await createTopic(client, "outage");
    const producer = await Producer.start(client, made);
    await producer.writeAll(20);
    const bytesMeanwhile = await fillLog(s3, outage, producer, async () => {
      assert.match(await readiness(healthPort), /the log is full/);
      await checkContent(client, made, producer.acknowledged);
    });
    await producer.writeAll(20);
    const objects = await untilStored(s3, made, producer.acknowledged, broker);
    assert.match(await readiness(healthPort), /^200 /);
    await checkContent(client, made, producer.acknowledged);
    return { topic: made, figures: { bytesMeanwhile, records: producer.acknowledged, objects } };
  }, options);
  await Deno.remove(dir.path, { recursive: true });
  await dir.live("kill", (client) => checkContent(client, topic, figures.records), options);
  return figures;
}

/** Takes the store away until produces are refused; answers how many bytes were taken until then. */
async function fillLog(
  s3: S3Server,
  outage: Outage,
  producer: Producer,
  meanwhile: () => Promise<void>,
): Promise<number> {
  if (outage === "stopped") await s3.stop();
  else s3.pause();
  try {
    const before = producer.acknowledged;
    let errorCode: number = ErrorCode.NONE;
    while (errorCode === ErrorCode.NONE) errorCode = await producer.write();
    assert.equal(errorName(errorCode), "KAFKA_STORAGE_ERROR");
    const bytes = (producer.acknowledged - before) * BATCH_BYTES;
    assert.ok(bytes > LOG_BYTES / 4 && bytes < LOG_BYTES, `${bytes} were taken while the store was away`);
    await meanwhile();
    return bytes;
  } finally {
    if (outage === "stopped") await s3.restart();
    else s3.resume();
  }
}

async function readiness(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return `${answer.status} ${await answer.text()}`;
}

async function checkContent(client: WireClient, topic: TopicRef, count: number): Promise<void> {
  const records = await readAll(client, topic);
  assert.deepEqual(
    records.map(({ offset, value }) => `${offset} ${value?.trim()}`),
    Array.from({ length: count }, (_, number) => `${number} ${number}`),
  );
}

/** Waits until all is stored, once; answers in how many objects. */
async function untilStored(
  s3: S3Server,
  topic: TopicRef,
  end: number,
  broker: BrokerProcess,
): Promise<number> {
  for (;;) {
    assert.equal(broker.exit, null);
    const objects = (await objectsOf(s3, topic.name)).get(0) ?? [];
    if (storedEnd(objects) < end) {
      await delay(POLL_MS);
      continue;
    }
    const flushed = objects.filter(({ generation }) => generation === 0);
    assert.equal(flushed.reduce((sum, { records }) => sum + records, 0), end, "each is stored once");
    for (const { path } of flushed) batchesOf(await Deno.readFile(path), path);
    return objects.length;
  }
}
