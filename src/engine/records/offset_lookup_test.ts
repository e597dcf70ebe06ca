import assert from "node:assert/strict";
import { buildBatch } from "../../records/compress.ts";
import { Compression, PLAIN_PRODUCE, recomputeCrc, writeInt64 } from "../../records/mod.ts";
import { BATCH_AT } from "../../records/outside.ts";
import { createTopic, openEngine } from "../engine_by_hand_test.ts";
import { appenderOf, OffsetLookup } from "./mod.ts";

Deno.test("a batch whose header promises a time that no record has is passed over, as often as that happens", async () => {
  const { engine, wal } = await openEngine();
  const partition = await createTopic(engine, "lies");
  const log = engine.log(partition);
  for (const [timestampMs, promisedMs] of [[10, 10], [20, 500], [30, 500], [40, 40], [100, 100]] as const) {
    const records = [0, 1].map(() => ({ value: new Uint8Array(10), timestampMs }));
    const bytes = buildBatch(records, { compression: Compression.GZIP });
    writeInt64(bytes, BATCH_AT.maxTimestamp, promisedMs);
    recomputeCrc(bytes, 0);
    const request = { ...PLAIN_PRODUCE, transactionalId: null };
    assert.equal(appenderOf(engine).append(partition, bytes, false, request)?.errorCode, 0);
  }
  wal.sync();
  const lookup = new OffsetLookup(engine.reader, log);
  for (const isCold of [false, true]) {
    if (isCold) wal.coldBelowLsn = wal.endLsn;
    assert.deepEqual(await lookup.firstSince(15), { offset: 2, timestampMs: 20 });
    assert.deepEqual(await lookup.firstSince(35), { offset: 6, timestampMs: 40 });
    assert.deepEqual(await lookup.firstSince(41), { offset: 8, timestampMs: 100 });
    assert.equal(await lookup.firstSince(101), null);
  }
  log.moveLogStart(3);
  assert.deepEqual(await lookup.firstSince(15), { offset: 3, timestampMs: 20 });
});
