/** Fetches of one partition: requests that change in place, and answers that are read where they lie. */
import { fetchRequest } from "../../src/protocol/generated/fetch_request.ts";
import { readInt32, readInt64, writeInt32, writeInt64 } from "../../src/records/mod.ts";
import { BrokerError, frame, type ResponseBytes, setCorrelationId } from "./requests.ts";

const FETCH_VERSION = 12;

/** What to ask a broker for in one fetch. */
export interface FetchOptions {
  readonly topic: string;
  readonly partition: number;
  /** Most bytes to answer with; one batch is answered even if it is larger. */
  readonly maxBytes: number;
  /** How long the broker may wait for the first byte. */
  readonly maxWaitMs: number;
  /** The session that it belongs to (KIP-227); none when it is left out. */
  readonly sessionId?: number;
}

/** The epoch of a fetch that belongs to no session, and of one that begins a session. */
const NO_SESSION = -1;
const NEW_SESSION = 0;

/** A fetch request whose offset is set in place before each use. */
export class PreparedFetch {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #offsetAt: number;
  readonly #epochAt: number;

  constructor(options: FetchOptions) {
    const { partition, sessionId = 0 } = options;
    const encoded = (sessionEpoch: number, offset: number) => {
      return encodeFetch(options, [partition], offset, { sessionId, sessionEpoch });
    };
    this.#bytes = encoded(NO_SESSION, 0);
    this.#offsetAt = firstDifference(this.#bytes, encoded(NO_SESSION, -1));
    this.#epochAt = firstDifference(this.#bytes, encoded(NEW_SESSION, 0));
  }

  /** How often the session has been asked before, counted from 1. */
  setEpoch(sessionEpoch: number): void {
    writeInt32(this.#bytes, this.#epochAt, sessionEpoch);
  }

  /** The request for the records from `offset` on. */
  at(offset: number, correlationId: number): Uint8Array<ArrayBuffer> {
    setCorrelationId(this.#bytes, 0, correlationId);
    writeInt64(this.#bytes, this.#offsetAt, offset);
    return this.#bytes;
  }
}

function firstDifference(bytes: Uint8Array, others: Uint8Array): number {
  return bytes.findIndex((byte, at) => byte !== others[at]);
}

/** Begins a session with the first `partitions` of the topic, from their beginning. */
export function encodeSessionStart(options: FetchOptions, partitions: number): Uint8Array<ArrayBuffer> {
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return encodeFetch(options, all, 0, { sessionId: 0, sessionEpoch: NEW_SESSION });
}

/** The session that the answer to {@link encodeSessionStart} tells of. */
export function decodeSessionId({ bytes, start }: ResponseBytes): number {
  // Correlation id, tags, throttle time, error code.
  const sessionId = readInt32(bytes, start + 4 + 1 + 4 + 2);
  if (sessionId === 0) throw new Error("a fetch session was asked for, and none was made");
  return sessionId;
}

function encodeFetch(
  { topic, maxBytes, maxWaitMs }: FetchOptions,
  partitions: readonly number[],
  fetchOffset: number,
  session: { readonly sessionId: number; readonly sessionEpoch: number },
): Uint8Array<ArrayBuffer> {
  return frame(fetchRequest, FETCH_VERSION, {
    maxWaitMs,
    minBytes: 1,
    maxBytes,
    ...session,
    topics: [{
      topic,
      partitions: partitions.map((partition) => ({ partition, fetchOffset, partitionMaxBytes: maxBytes })),
    }],
    forgottenTopicsData: [],
  });
}

/**
 * Reads the answers to a {@link PreparedFetch} without making anything: what one says stands in the
 * fields until the next is read.
 */
export class FetchReader {
  highWatermark = 0;
  /** Where the record batches lie in the bytes that were read; equal when there are none. */
  recordsStart = 0;
  recordsEnd = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Reads `bytes[start, end)`, an answer from its correlation id on. Throws when the broker reports an error. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    // Correlation id, tags, throttle time.
    this.#at = start + 4 + 1 + 4;
    this.#expectNoError();
    this.#at += 4; // session id
    const topics = this.#uvarint() - 1;
    if (topics !== 1) throw new Error(`a fetch of one partition was answered for ${topics} topics`);
    const nameBytes = this.#uvarint() - 1;
    this.#at += nameBytes;
    const partitions = this.#uvarint() - 1;
    if (partitions !== 1) throw new Error(`a fetch of one partition was answered for ${partitions}`);
    this.#at += 4; // partition
    this.#expectNoError();
    this.highWatermark = readInt64(bytes, this.#at);
    this.#at += 8 + 8 + 8; // high watermark, last stable offset, log start
    if (this.#uvarint() > 1) throw new Error("a fetch told of aborted transactions where there are none");
    this.#at += 4; // preferred replica
    const lengthBytes = Math.max(0, this.#uvarint() - 1);
    this.recordsStart = this.#at;
    this.recordsEnd = this.#at + lengthBytes;
    if (this.recordsEnd > end) throw new Error("a fetch was answered too briefly");
  }

  #expectNoError(): void {
    const errorCode = readInt32(this.#bytes, this.#at) >> 16;
    if (errorCode !== 0) throw new BrokerError("a fetch", errorCode);
    this.#at += 2;
  }

  /** Lengths and counts, one more than they are; 0 is null. */
  #uvarint(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}
