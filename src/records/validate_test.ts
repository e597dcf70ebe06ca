import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { CODECS, goodBatch, HOUR_MS, threeRecords, utf8 } from "../../tests/support/batch_parts.ts";
import {
  type BatchKind,
  malformedBatches,
  oddBatches,
  stricterBatches,
} from "../../tests/support/malformed_batches.ts";
import { ErrorCode, errorName } from "../base/error_codes.ts";
import {
  BATCH_AT,
  BatchHeader,
  BatchValidator,
  type BatchVerdict,
  bodyCrc,
  Compression,
  PLAIN_PRODUCE,
  TimestampType,
  type TopicRules,
} from "./mod.ts";
import { buildBatch } from "./compress.ts";

const nowMs = 1_790_000_000_000;
const validator = new BatchValidator();

const plainTopic: TopicRules = {
  maxMessageBytes: 1_048_588,
  logAppendTime: false,
  timestampBeforeMaxMs: Number(2n ** 63n - 1n),
  timestampAfterMaxMs: HOUR_MS,
  compacted: false,
};

function rulesOf({ topicConfigs }: BatchKind): TopicRules {
  const number = (name: string, otherwise: number) => Number(topicConfigs[name] ?? otherwise);
  return {
    maxMessageBytes: number("max.message.bytes", plainTopic.maxMessageBytes),
    logAppendTime: topicConfigs["message.timestamp.type"] === "LogAppendTime",
    timestampBeforeMaxMs: number("message.timestamp.before.max.ms", plainTopic.timestampBeforeMaxMs),
    timestampAfterMaxMs: number("message.timestamp.after.max.ms", HOUR_MS),
    compacted: topicConfigs["cleanup.policy"] === "compact",
  };
}

/** The validator's answer to a kind: the same whatever lies before and behind the records. */
function judge(kind: BatchKind, isStrict: boolean): BatchVerdict {
  const records = kind.records(nowMs);
  if (records === null) return validator.noRecords();
  const facts = { ...PLAIN_PRODUCE, version: kind.produceVersion };
  const [verdict, ...others] = [[0, 0x00], [40, 0x00], [40, 0x5a], [40, 0xff]].map(
    ([margin = 0, filler = 0]) => {
      const bytes = new Uint8Array(records.length + 2 * margin).fill(filler);
      bytes.set(records, margin);
      const end = margin + records.length;
      const verdict = validator.validate(bytes, margin, end, rulesOf(kind), nowMs, isStrict, facts);
      if (verdict.errorCode !== ErrorCode.NONE) {
        deepEqual(bytes.subarray(margin, end), records, "refused, yet changed");
      }
      return verdict;
    },
  );
  ok(verdict !== undefined);
  for (const other of others) deepEqual(other, verdict);
  return verdict;
}

function judgeBatch(
  batch: Uint8Array,
  topic: TopicRules,
  isStrict = true,
  facts = PLAIN_PRODUCE,
): BatchVerdict {
  return validator.validate(batch, 0, batch.length, topic, nowMs, isStrict, facts);
}

Deno.test("the kinds of malformed batches have names of their own", () => {
  const names = [...malformedBatches, ...stricterBatches, ...oddBatches].map(({ name }) => name);
  deepEqual(names, [...new Set(names)]);
  ok(malformedBatches.filter(({ isInsideCompressed }) => !isInsideCompressed).length > 100);
});

for (const kind of malformedBatches) {
  Deno.test(`${kind.name}: ${errorName(kind.errorCode)}, as Apache Kafka 4.3.1 answers`, () => {
    const strict = judge(kind, true);
    equal(errorName(strict.errorCode), errorName(kind.errorCode));
    ok(strict.errorMessage !== null);
    const relaxed = judge(kind, false);
    if (kind.isInsideCompressed) equal(relaxed.errorCode, ErrorCode.NONE, "seen without decompressing");
    else equal(errorName(relaxed.errorCode), errorName(kind.errorCode));
  });
}

for (const kind of stricterBatches) {
  Deno.test(`${kind.name}: ${errorName(kind.kliteErrorCode)}, where Kafka does not refuse`, () => {
    equal(errorName(judge(kind, true).errorCode), errorName(kind.kliteErrorCode));
  });
}

for (const kind of oddBatches) {
  Deno.test(`${kind.name}: stored`, () => {
    deepEqual(judge(kind, true), { errorCode: ErrorCode.NONE, errorMessage: null, recordErrors: [] });
  });
}

for (const [name, compression] of [["plain", Compression.NONE], ...CODECS] as typeof CODECS) {
  Deno.test(`a good batch is accepted and left as it is: ${name}`, () => {
    const batch = goodBatch(nowMs, { compression, producerId: 4000, producerEpoch: 0, baseSequence: 17 });
    const before = batch.slice();
    equal(judgeBatch(batch, { ...plainTopic, compacted: true }).errorCode, ErrorCode.NONE);
    equal(judgeBatch(batch, plainTopic, false).errorCode, ErrorCode.NONE);
    deepEqual(batch, before);
    equal(validator.header.baseSequence, 17);
  });

  Deno.test(`the broker's time is stamped where the topic wants it: ${name}`, () => {
    const batch = goodBatch(nowMs - 5000, { compression });
    equal(judgeBatch(batch, { ...plainTopic, logAppendTime: true }, false).errorCode, ErrorCode.NONE);
    const header = new BatchHeader().read(batch, 0);
    equal(header.timestampType, TimestampType.LOG_APPEND_TIME);
    equal(header.maxTimestampMs, nowMs);
    equal(header.crc, bodyCrc(batch, 0, batch.length));
  });

  Deno.test(`a wrong maximum timestamp is put right, as Kafka does, when the records are walked: ${name}`, () => {
    const batch = goodBatch(nowMs, { compression, maxTimestampMs: nowMs + 2 * HOUR_MS });
    equal(judgeBatch(batch, plainTopic).errorCode, ErrorCode.NONE);
    const header = new BatchHeader().read(batch, 0);
    equal(header.maxTimestampMs, nowMs);
    equal(header.crc, bodyCrc(batch, 0, batch.length));
  });

  Deno.test(`a producer's claim to the broker's time is taken back: ${name}`, () => {
    const batch = goodBatch(nowMs, { compression, timestampType: TimestampType.LOG_APPEND_TIME });
    equal(judgeBatch(batch, plainTopic, false).errorCode, ErrorCode.NONE);
    const header = new BatchHeader().read(batch, 0);
    equal(header.timestampType, TimestampType.CREATE_TIME);
    equal(header.crc, bodyCrc(batch, 0, batch.length));
  });
}

Deno.test("a changed bit anywhere behind the length is noticed", () => {
  const batch = goodBatch(nowMs);
  for (let at = BATCH_AT.magic; at < batch.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = batch.with(at, batch[at]! ^ (1 << bit));
      ok(judgeBatch(changed, plainTopic).errorCode !== ErrorCode.NONE, `byte ${at}, bit ${bit}`);
    }
  }
});

Deno.test("any bytes get a verdict, and only those in the batch are looked at", () => {
  const header = fc.tuple(fc.nat(200), fc.constantFrom(0, 1, 2, 2, 2, 255));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      header,
      fc.boolean(),
      (bytes, [length, magic], isStrict) => {
        if (bytes.length > 16) {
          bytes.fill(0, 0, 11);
          bytes[11] = length;
          bytes[16] = magic;
        }
        const inside = new Uint8Array(bytes.length + 64).fill(0xff);
        inside.set(bytes);
        const verdict = judgeBatch(bytes, plainTopic, isStrict);
        deepEqual(validator.validate(inside, 0, bytes.length, plainTopic, nowMs, isStrict), verdict);
        ok(verdict.errorCode !== ErrorCode.NONE);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("records that are refused one by one are named, in Kafka's words", () => {
  const records = [...threeRecords(nowMs), { timestampMs: nowMs }].map((record) => ({
    ...record,
    key: null,
  }));
  const facts = { ...PLAIN_PRODUCE, partitionName: "orders-7" };
  const noKey = "Compacted topic cannot accept message without key in topic partition orders-7";
  deepEqual(judgeBatch(buildBatch(records), { ...plainTopic, compacted: true }, false, facts), {
    errorCode: ErrorCode.INVALID_RECORD,
    errorMessage:
      "One or more records have been rejected due to 4 record errors in total, and only showing " +
      `the first three errors at most: [RecordError(batchIndex=0, message='${noKey}'), ` +
      `RecordError(batchIndex=1, message='${noKey}'), RecordError(batchIndex=2, message='${noKey}')]`,
    recordErrors: [0, 1, 2, 3].map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: noKey })),
  });

  const late = nowMs + HOUR_MS + 1;
  const topic = { ...plainTopic, timestampBeforeMaxMs: HOUR_MS };
  deepEqual(judgeBatch(buildBatch([{ timestampMs: nowMs }, { timestampMs: late }]), topic), {
    errorCode: ErrorCode.INVALID_TIMESTAMP,
    errorMessage: "One or more records have been rejected due to invalid timestamp",
    recordErrors: [{
      batchIndex: 1,
      batchIndexErrorMessage: `Timestamp ${late} of message with offset 1 is out of range. ` +
        `The timestamp should be within [${nowMs - HOUR_MS}, ${nowMs + HOUR_MS}]`,
    }],
  });
});

Deno.test("an answer does not grow with the number of records at fault", () => {
  const records = Array.from({ length: 5000 }, () => ({ timestampMs: nowMs }));
  const verdict = judgeBatch(buildBatch(records), { ...plainTopic, compacted: true });
  equal(verdict.recordErrors.length, 100);
  ok(verdict.errorMessage?.includes("5000 record errors"));
});

Deno.test("both ends of the timestamp window are inside it", () => {
  const topic = { ...plainTopic, timestampBeforeMaxMs: 1000, timestampAfterMaxMs: 1000 };
  const judgeTime = (timestampMs: number, compression: Compression, isStrict: boolean) =>
    judgeBatch(buildBatch([{ timestampMs }], { compression }), topic, isStrict).errorCode;
  for (const isStrict of [true, false]) {
    for (const compression of [Compression.NONE, Compression.LZ4]) {
      for (const inside of [-1000, 0, 1000]) {
        equal(judgeTime(nowMs + inside, compression, isStrict), ErrorCode.NONE);
      }
      for (const outside of [-1001, 1001]) {
        equal(judgeTime(nowMs + outside, compression, isStrict), ErrorCode.INVALID_TIMESTAMP);
      }
      equal(judgeTime(-1, compression, isStrict), ErrorCode.NONE, "no timestamp is no wrong one");
    }
  }
});

Deno.test("a transactional batch is accepted in a transactional request, with its producer", () => {
  const facts = { ...PLAIN_PRODUCE, isTransactional: true };
  const producer = { isTransactional: true, producerId: 4000, producerEpoch: 0, baseSequence: 0 };
  equal(judgeBatch(goodBatch(nowMs, producer), plainTopic, false, facts).errorCode, ErrorCode.NONE);
  equal(judgeBatch(goodBatch(nowMs), plainTopic, false, facts).errorCode, ErrorCode.NONE);
  const { errorCode } = judgeBatch(goodBatch(nowMs, { isTransactional: true }), plainTopic, false, facts);
  equal(errorCode, ErrorCode.INVALID_RECORD);
});

Deno.test("numbers that a double cannot hold are refused", () => {
  const changed = (at: number, fields = {}) => {
    const batch = goodBatch(nowMs, fields);
    const view = new DataView(batch.buffer);
    view.setBigInt64(at, 2n ** 60n + 1n);
    view.setUint32(BATCH_AT.crc, bodyCrc(batch, 0, batch.length));
    return judgeBatch(batch, { ...plainTopic, timestampAfterMaxMs: 2 ** 62 }).errorCode;
  };
  equal(changed(BATCH_AT.producerId, { producerEpoch: 0, baseSequence: 0 }), ErrorCode.INVALID_RECORD);
  equal(changed(BATCH_AT.baseTimestamp), ErrorCode.INVALID_TIMESTAMP);
});

for (const [name, compression] of CODECS) {
  Deno.test(`a payload that expands beyond the limit is too large for strict, and unseen by relaxed: ${name}`, () => {
    const batch = buildBatch([{ key: utf8("bomb"), value: new Uint8Array(3_000_000), timestampMs: nowMs }], {
      compression,
    });
    const facts = { ...PLAIN_PRODUCE, maxDecompressedBytes: 1_000_000 };
    equal(judgeBatch(batch, plainTopic, true, facts).errorCode, ErrorCode.MESSAGE_TOO_LARGE);
    equal(judgeBatch(batch, plainTopic, false, facts).errorCode, ErrorCode.NONE);
  });
}
