import { BatchHeader, EndMarker, parseControlBatch } from "../../src/records/mod.ts";
import { fetch, readBatches, type TopicRef } from "./requests.ts";
import type { WireClient } from "./wire_client.ts";

const READ_COMMITTED = 1;
const ATTEMPTS = 20;

/**
 * The values of all committed records of a partition, found as a consumer with
 * `isolation.level=read_committed` finds them: up to the last stable offset, without
 * the records of transactions that the broker says were aborted.
 */
export async function readCommitted(client: WireClient, topic: TopicRef, partition = 0): Promise<string[]> {
  const values: string[] = [];
  let attempts = 0;
  for (let offset = 0;;) {
    const result = await fetch(client, topic, offset, { partition, isolationLevel: READ_COMMITTED });
    if (result.errorCode !== 0) throw new Error(`fetch at ${offset}: error ${result.errorCode}`);
    const next = take(result.records, result.abortedTransactions ?? [], offset, values);
    if (next > result.lastStableOffset) throw new Error("there is more than what is stable");
    if (next === offset && offset === result.lastStableOffset) return values;
    // What was to be answered may just have left the memory: then a broker is asked again, but not for ever.
    attempts = next === offset ? attempts + 1 : 0;
    if (attempts === ATTEMPTS) throw new Error(`nothing at ${offset} of ${result.lastStableOffset}`);
    offset = next;
  }
}

/** Adds what is committed of `records` from `offset` on; answers where the next fetch begins. */
function take(
  records: Uint8Array | null,
  aborted: readonly { readonly producerId: number; readonly firstOffset: number }[],
  offset: number,
  values: string[],
): number {
  const skipping = new Set<number>();
  const left = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  let next = offset;
  let at = 0;
  for (const { header, records: ofBatch } of readBatches(records)) {
    while (left.length > 0 && left[0]!.firstOffset <= header.lastOffset) {
      skipping.add(left.shift()!.producerId);
    }
    next = header.lastOffset + 1;
    if (header.isControl) {
      const mark = parseControlBatch(records!, at, new BatchHeader().read(records!, at));
      if (mark?.marker === EndMarker.ABORT) skipping.delete(header.producerId);
    } else if (!header.isTransactional || !skipping.has(header.producerId)) {
      for (const record of ofBatch) if (record.offset >= offset) values.push(record.value ?? "");
    }
    at += header.lengthBytes;
  }
  return next;
}
