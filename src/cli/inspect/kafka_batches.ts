import { ErrorCode } from "../../base/error_codes.ts";
import type { BatchFound } from "../../broker/inspect/mod.ts";
import { fetchRequest } from "../../protocol/generated/fetch_request.ts";
import { fetchResponse, type FetchResponsePartitionData } from "../../protocol/generated/fetch_response.ts";
import { batchAt, BatchHeader } from "../../records/outside.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { errorName, refuseError } from "./kafka_errors.ts";

/** The last version that names topics. */
const FETCH_VERSION = 12;
/** Bytes asked for at a time; a larger batch comes alone. */
const FETCH_BYTES = 1024 * 1024;

/** The batches of a partition as a broker sends them to any consumer, committed or not. */
export async function* fetchBatches(
  client: KafkaClient,
  of: { readonly topic: string; readonly partition: number },
  fromOffset: number,
  endOffset: number,
): AsyncGenerator<BatchFound> {
  const where = `${of.topic}-${of.partition}`;
  const header = new BatchHeader();
  for (let offset = fromOffset; offset < endOffset;) {
    const { errorCode, records } = await fetchOnce(client, of, offset);
    if (errorCode === ErrorCode.CORRUPT_MESSAGE || errorCode === ErrorCode.KAFKA_STORAGE_ERROR) {
      // Where the next batch begins, nobody tells.
      yield { offset, problem: `the broker cannot read it: ${errorName(errorCode)}` };
      return;
    }
    refuseError(`the records of ${where} from offset ${offset} on`, errorCode);
    const bytes = records ?? new Uint8Array(0);
    let at = 0;
    for (
      let length = batchAt(bytes, 0, bytes.length);
      length > 0;
      length = batchAt(bytes, at, bytes.length)
    ) {
      yield { bytes: bytes.subarray(at, at + length) };
      const next = header.read(bytes, at).lastOffset + 1;
      // Of a batch that is damaged, the end may be, too.
      if (next <= offset) return;
      offset = next;
      at += length;
    }
    if (at > 0) continue;
    // Nothing at all is what compaction leaves at the end; a part of a batch is one that is none.
    if (bytes.length > 0) yield { offset, problem: "what the broker sent is not a batch" };
    return;
  }
}

async function fetchOnce(
  client: KafkaClient,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  fetchOffset: number,
): Promise<Pick<FetchResponsePartitionData, "errorCode" | "records">> {
  const answer = await client.send(fetchRequest, fetchResponse, FETCH_VERSION, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }] }],
    forgottenTopicsData: [],
  });
  const found = answer.responses[0]?.partitions[0];
  return found ?? { errorCode: answer.errorCode, records: null };
}
