import { buildBatch } from "../../../src/records/compress.ts";
import { Compression } from "../../../src/records/mod.ts";
import { produceInput, type TopicRef } from "../../support/requests.ts";
import { reads } from "../actors/producer.ts";
import { ConfigAdmin, Kind } from "../actors/config_admin.ts";
import { api } from "../api.ts";
import { newProducerIdOf } from "../common.ts";
import type { Peer } from "../peer.ts";
import { type Scenario, scenario } from "../scenario.ts";

const THEN_MS = 1_700_000_000_000;

/** Three records with keys, headers and times of their own. */
function batchOf(compression: Compression, fields: Parameters<typeof buildBatch>[1] = {}, valueBytes = 500) {
  const text = new TextEncoder();
  const records = [0, 1, 2].map((index) => ({
    key: text.encode(`key ${index}`),
    value: text.encode(`${index}`.repeat(valueBytes)),
    headers: [{ key: "header", value: text.encode("x") }],
    timestampMs: THEN_MS + 7 * index,
  }));
  return buildBatch(records, { compression, ...fields });
}

async function sends(peer: Peer, question: string, topic: TopicRef, batch: Uint8Array): Promise<void> {
  await peer.ask(question, api.produce, 9, produceInput(topic, batch));
}

const kinds = ["uncompressed", "gzip", "snappy", "lz4", "zstd", "producer"].map((type) =>
  scenario(`what comes is stored as ${type}`, async (peer) => {
    const topic = await peer.topic("stored", { configs: { "compression.type": type } });
    for (const [name, codec] of Object.entries(Compression)) {
      await sends(peer, `sends ${name}`, topic, batchOf(codec));
    }
    await reads(peer, topic, 15);
  })
);

export const compression: readonly Scenario[] = [
  ...kinds,
  scenario("what is stored otherwise keeps its producer", async (peer) => {
    const topic = await peer.topic("idempotent", { configs: { "compression.type": "gzip" } });
    const producerId = await newProducerIdOf(peer);
    const batch = (baseSequence: number) =>
      batchOf(Compression.ZSTD, { producerId, producerEpoch: 0, baseSequence });
    await sends(peer, "sends", topic, batch(0));
    await sends(peer, "sends more", topic, batch(3));
    await sends(peer, "sends it again", topic, batch(3));
    await sends(peer, "leaves something out", topic, batch(9));
    await reads(peer, topic, 6);
  }),
  scenario("what is stored otherwise gets the broker's time", async (peer) => {
    const topic = await peer.topic("stamped", {
      configs: { "compression.type": "lz4", "message.timestamp.type": "LogAppendTime" },
    });
    await sends(peer, "sends it compressed", topic, batchOf(Compression.GZIP));
    await sends(peer, "sends it plain", topic, batchOf(Compression.NONE));
    await sends(peer, "sends it as it is stored", topic, batchOf(Compression.LZ4));
    await reads(peer, topic, 9);
  }),
  scenario("what is stored otherwise must not be too large", async (peer) => {
    const limits = { "max.message.bytes": "2000" };
    const plain = await peer.topic("plain", { configs: { "compression.type": "uncompressed", ...limits } });
    const packed = await peer.topic("packed", { configs: { "compression.type": "gzip", ...limits } });
    await sends(peer, "grows too large", plain, batchOf(Compression.GZIP, {}, 5000));
    await sends(peer, "grows as large as it may", plain, batchOf(Compression.GZIP, {}, 600));
    await sends(peer, "would become small enough", packed, batchOf(Compression.NONE, {}, 5000));
    await reads(peer, plain, 3);
    await reads(peer, packed, 0);
  }),
  scenario("records that cannot be decompressed are not stored otherwise", async (peer) => {
    const topic = await peer.topic("broken", { configs: { "compression.type": "zstd" } });
    const good = batchOf(Compression.NONE);
    // The records are not what the codec says.
    const bad = batchOf(Compression.GZIP);
    bad.fill(0xff, 61);
    await sends(peer, "a bad CRC", topic, bad);
    await sends(peer, "a good one", topic, good);
    await reads(peer, topic, 3);
  }),
  scenario("the kind of compression changes while records come", async (peer) => {
    const topic = await peer.topic("changes");
    const admin = new ConfigAdmin(peer);
    const resource = { kind: Kind.TOPIC, name: topic.name };
    for (const value of ["producer", "gzip", "uncompressed"]) {
      await admin.changes(`sets ${value}`, [{ ...resource, changes: [{ key: "compression.type", value }] }]);
      await admin.untilSeen(resource, "compression.type", (seen, source) => seen === value && source === 1);
      await sends(peer, `sends with ${value}`, topic, batchOf(Compression.SNAPPY));
    }
    await reads(peer, topic, 9);
  }),
];
