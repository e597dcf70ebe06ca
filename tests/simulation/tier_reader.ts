import { BatchHeader, EndMarker, parseControlBatch } from "../../src/records/mod.ts";
import { EARLIEST, fetch, offsetOf, readBatches, type TopicRef } from "../support/requests.ts";
import type { WireClient } from "../support/wire_client.ts";

const ATTEMPTS = 60;
const FETCH_BYTES = 20_000;

/** Who wrote a record, and which of its records it is: what makes it the one that it is. */
export function recordId(producerId: number, epoch: number, sequence: number): string {
  return `${producerId}/${epoch}/${sequence}`;
}

/** A record as a consumer gets it. */
export interface SeenRecord {
  readonly id: string;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

/** A partition from its start to its end. */
export interface Reading {
  readonly startOffset: number;
  readonly endOffset: number;
  /** Of all batches. */
  readonly bytes: number;
  readonly records: readonly SeenRecord[];
}

/** The broker has answered with that error, which a consumer may get. */
export class ReadError extends Error {
  constructor(readonly errorCode: number, offset: number) {
    super(`a fetch at ${offset}: error ${errorCode}`);
  }
}

/** Reads a partition from its start to its end, as consumers of either isolation do. */
export async function readWhole(
  client: WireClient,
  topic: TopicRef,
  partition: number,
  isolation: "all" | "committed",
): Promise<Reading> {
  const isolationLevel = isolation === "all" ? 0 : 1;
  const start = await offsetOf(client, topic, EARLIEST, { partition });
  if (start.errorCode !== 0) throw new ReadError(start.errorCode, 0);
  const records: SeenRecord[] = [];
  let bytes = 0;
  let attempts = 0;
  for (let offset = start.offset;;) {
    const options = { partition, isolationLevel, maxWaitMs: 500, partitionMaxBytes: FETCH_BYTES };
    const answer = await fetch(client, topic, offset, options);
    if (answer.errorCode !== 0) throw new ReadError(answer.errorCode, offset);
    const endOffset = isolation === "all" ? answer.highWatermark : answer.lastStableOffset;
    const got = seenIn(answer.records, answer.abortedTransactions ?? [], offset);
    bytes += answer.records?.length ?? 0;
    records.push(...got.records);
    if (got.nextOffset > endOffset) throw new Error("a fetch has more than there is");
    if (got.nextOffset >= endOffset) {
      return { startOffset: start.offset, endOffset, bytes, records };
    }
    // What was to be answered may just have left the memory: then a broker is asked again, but not for ever.
    attempts = got.nextOffset === offset ? attempts + 1 : 0;
    if (attempts === ATTEMPTS) throw new Error(`nothing at ${offset} of ${endOffset}`);
    offset = got.nextOffset;
  }
}

/** The records from `fromOffset` on without those of `aborted`, and where the next fetch begins. */
function seenIn(
  bytes: Uint8Array | null,
  aborted: readonly { readonly producerId: number; readonly firstOffset: number }[],
  fromOffset: number,
): { records: SeenRecord[]; nextOffset: number } {
  const skipping = new Set<number>();
  const left = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const records: SeenRecord[] = [];
  let nextOffset = fromOffset;
  let at = 0;
  for (const { header, records: ofBatch } of readBatches(bytes)) {
    while (left.length > 0 && left[0]!.firstOffset <= header.lastOffset) {
      skipping.add(left.shift()!.producerId);
    }
    nextOffset = header.lastOffset + 1;
    const { producerId, producerEpoch, baseSequence, baseOffset } = header;
    if (header.isControl) {
      const mark = parseControlBatch(bytes!, at, new BatchHeader().read(bytes!, at));
      if (mark?.marker === EndMarker.ABORT) skipping.delete(producerId);
    } else if (!header.isTransactional || !skipping.has(producerId)) {
      for (const { offset, key, value } of ofBatch) {
        if (offset < fromOffset) continue;
        const id = recordId(producerId, producerEpoch, baseSequence + offset - baseOffset);
        records.push({ id, offset, key, value });
      }
    }
    at += header.lengthBytes;
  }
  return { records, nextOffset };
}
