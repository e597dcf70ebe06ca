import assert from "node:assert/strict";
import { ErrorCode } from "../../src/base/error_codes.ts";
import { BATCH_AT, BATCH_HEADER_BYTES } from "../../src/records/mod.ts";
import { buildBatch } from "../../src/records/compress.ts";
import {
  type BatchKind,
  malformedBatches,
  oddBatches,
  stricterBatches,
} from "../support/malformed_batches.ts";
import {
  createTopic,
  fetch,
  LATEST,
  offsetOf,
  produce,
  readBatches,
  type TopicRef,
} from "../support/requests.ts";
import { TestBroker } from "../support/test_broker.ts";
import type { WireClient } from "../support/wire_client.ts";

type Validation = "relaxed" | "strict";

/** A kind, and the error that klite answers it with when it looks at all of it. */
interface Case {
  readonly kind: BatchKind;
  readonly strictError: ErrorCode;
}

const CASES: readonly Case[] = [
  ...malformedBatches.map((kind) => ({ kind, strictError: kind.errorCode })),
  ...stricterBatches.map((kind) => ({ kind, strictError: kind.kliteErrorCode })),
  ...oddBatches.map((kind) => ({ kind, strictError: kind.errorCode })),
];

/** One topic for each set of configs among the kinds. */
class Topics {
  readonly #client: WireClient;
  readonly #made = new Map<string, TopicRef>();

  constructor(client: WireClient) {
    this.#client = client;
  }

  all(): Iterable<TopicRef> {
    return this.#made.values();
  }

  async of({ topicConfigs }: BatchKind): Promise<TopicRef> {
    const key = JSON.stringify(topicConfigs);
    const made = this.#made.get(key) ??
      await createTopic(this.#client, `topic-${this.#made.size}`, { configs: topicConfigs });
    this.#made.set(key, made);
    return made;
  }
}

for (const validation of ["relaxed", "strict"] as const) {
  Deno.test(`${CASES.length} kinds of malformed and odd batches get their answers: ${validation}`, async () => {
    await using broker = await TestBroker.start({ config: { batchValidation: validation } });
    const client = await broker.connect();
    const topics = new Topics(client);
    const faults: string[] = [];
    for (const { kind, strictError } of CASES) {
      const topic = await topics.of(kind);
      const before = (await offsetOf(client, topic, LATEST)).offset;
      const { produceVersion: version } = kind;
      const { errorCode } = await produce(client, topic, kind.records(Date.now()), { version });
      const after = (await offsetOf(client, topic, LATEST)).offset;
      const due = kind.isInsideCompressed && validation === "relaxed" ? ErrorCode.NONE : strictError;
      if (errorCode !== due) faults.push(`${kind.name}: ${errorCode}, not ${due}`);
      if (errorCode !== ErrorCode.NONE && after !== before) faults.push(`${kind.name}: refused, and stored`);
    }
    assert.deepEqual(faults, []);
    await stillServes(client, topics, validation);
    await broker.restart();
    await stillServes(await broker.connect(), topics, validation);
  });
}

/** What was accepted can be read to its end, and good batches are taken. */
async function stillServes(client: WireClient, topics: Topics, validation: Validation): Promise<void> {
  for (const topic of topics.all()) {
    const end = (await offsetOf(client, topic, LATEST)).offset;
    let offset = 0;
    while (offset < end) {
      const { errorCode, records } = await fetch(client, topic, offset, { partitionMaxBytes: 1 });
      assert.equal(errorCode, ErrorCode.NONE);
      // What strict lets through can be read, down to the last record.
      if (validation === "strict") readBatches(records);
      offset += lastOffsetDelta(records) + 1;
    }
    assert.equal(offset, end);
    const good = buildBatch([{ key: new TextEncoder().encode("k"), timestampMs: Date.now() }]);
    assert.equal((await produce(client, topic, good)).baseOffset, end);
  }
}

function lastOffsetDelta(records: Uint8Array | null): number {
  assert.ok(records !== null && records.length >= BATCH_HEADER_BYTES);
  return new DataView(records.buffer, records.byteOffset).getInt32(BATCH_AT.lastOffsetDelta);
}
