import { ErrorCode, errorName } from "../../src/base/error_codes.ts";
import { zeroUuid } from "../../src/protocol/mod.ts";
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { fetchResponse } from "../../src/protocol/generated/fetch_response.ts";
import { batchAt, BatchHeader, RecordCursor } from "../../src/records/mod.ts";
import type { WireClient } from "./wire_client.ts";

const FETCH_VERSION = 12;

export interface ReadRecord {
  readonly offset: number;
  readonly value: string;
}

/** Every record of a partition from its start to its high watermark, as a consumer gets them. */
export async function readPartition(
  client: WireClient,
  topic: string,
  partition: number,
): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for (let offset = 0, end = Infinity; offset < end;) {
    const response = await client.send(fetchRequest, fetchResponse, FETCH_VERSION, {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 4 << 20,
      isolationLevel: 0,
      topics: [{
        topic,
        topicId: zeroUuid,
        partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }],
      }],
      forgottenTopicsData: [],
    });
    const data = response.responses[0]?.partitions[0];
    if (data?.errorCode !== ErrorCode.NONE) throw new Error(errorName(data?.errorCode ?? response.errorCode));
    end = data.highWatermark;
    const next = decode(data.records ?? new Uint8Array(0), offset, records);
    if (next === offset && offset < end) throw new Error(`nothing at offset ${offset} of ${end}`);
    offset = next;
  }
  return records;
}

/** Appends the records from `offset` on; answers where the next fetch begins. */
function decode(bytes: Uint8Array, offset: number, records: ReadRecord[]): number {
  const decoder = new TextDecoder();
  const cursor = new RecordCursor();
  const header = new BatchHeader();
  let next = offset;
  for (let at = 0; at < bytes.length;) {
    const length = batchAt(bytes, at, bytes.length);
    if (length < 0) throw new Error(`no batch at byte ${at} of a fetch`);
    cursor.open(bytes, at, header.read(bytes, at), 64 << 20);
    while (cursor.next()) {
      const { valueAt, valueBytes } = cursor;
      const value = decoder.decode(cursor.bytes.subarray(valueAt, valueAt + valueBytes));
      if (cursor.offset >= next) records.push({ offset: cursor.offset, value });
    }
    if (cursor.fault !== null) throw new Error(cursor.fault);
    next = header.lastOffset + 1;
    at += length;
  }
  return next;
}
