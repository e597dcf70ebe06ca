import { ErrorCode } from "../base/error_codes.ts";

/** Sessions kept at most; beyond it a client is served without one (`max.incremental.fetch.session.cache.slots`). */
export const FETCH_SESSIONS_MAX = 1000;
/** A session unused for this long gives way to a new one when all places are taken. */
export const SESSION_EVICTION_MS = 120_000;
/** Partitions of all sessions together: one takes about 400 bytes, and a client may name any that do not exist. */
export const SESSION_PARTITIONS_MAX = 50_000;

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const EPOCH_MAX = 2147483647;
const NO_SESSION = 0;

/** One partition as a fetch names it. Topics are known by id from version 13 on, by name before. */
export interface FetchedPartition {
  readonly topicName: string;
  readonly topicId: string;
  readonly index: number;
  fetchOffset: number;
  maxBytes: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
}

/** A partition of a session, with what the client was told last. −1 means "nothing yet". */
export interface SessionPartition extends FetchedPartition {
  sentHighWatermark: number;
  sentLogStartOffset: number;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly partitions: Map<string, SessionPartition>;
  /** The epoch that the client's next request must carry. */
  nextEpoch: number;
  usedAtMs: number;
}

/** What a fetch request says about its session. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly usesTopicIds: boolean;
  readonly partitions: readonly FetchedPartition[];
  readonly forgotten: readonly {
    readonly topicName: string;
    readonly topicId: string;
    readonly index: number;
  }[];
}

/** Which partitions a fetch reads, and how its answer is formed. */
export interface FetchContext {
  /** Goes into the response; 0 when there is no session. */
  readonly sessionId: number;
  /** Only what changed is answered (KIP-227). */
  readonly incremental: boolean;
  readonly partitions: Iterable<SessionPartition>;
  /** Puts a partition that gave data behind the others, so that none starves. */
  served(partition: SessionPartition): void;
}

/**
 * Incremental fetch sessions (KIP-227): the broker remembers what a consumer
 * reads, so that a request names only changes and an answer holds only news.
 */
export class FetchSessions {
  readonly #sessions = new Map<number, Session>();
  readonly #newId: () => number;
  readonly #maxPartitions: number;
  /** Partitions of all sessions. */
  #partitionCount = 0;

  /** `newId` gives random positive 31-bit numbers. */
  constructor(newId: () => number, options: { readonly maxPartitions?: number } = {}) {
    this.#newId = newId;
    this.#maxPartitions = options.maxPartitions ?? SESSION_PARTITIONS_MAX;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Finds or makes the session of a request; a Kafka error code when it does not fit. */
  open(request: SessionRequest, nowMs: number): FetchContext | number {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch !== INITIAL_EPOCH && sessionEpoch !== FINAL_EPOCH) return this.#continue(request, nowMs);
    this.#end(sessionId);
    const partitions = byKey(request.partitions);
    if (sessionEpoch === FINAL_EPOCH || !this.#makeRoom(partitions.size, nowMs)) {
      return sessionless(partitions);
    }
    const session: Session = {
      id: this.#unusedId(),
      usesTopicIds: request.usesTopicIds,
      partitions,
      nextEpoch: INITIAL_EPOCH + 1,
      usedAtMs: nowMs,
    };
    this.#sessions.set(session.id, session);
    this.#partitionCount += partitions.size;
    return contextOf(session, false);
  }

  #continue(request: SessionRequest, nowMs: number): FetchContext | number {
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    if (session.nextEpoch !== request.sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH;
    if (session.usesTopicIds !== request.usesTopicIds) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
    const before = session.partitions.size;
    for (const partition of request.partitions) {
      const key = keyOf(partition);
      const known = session.partitions.get(key);
      if (known === undefined) session.partitions.set(key, fresh(partition));
      else {
        known.fetchOffset = partition.fetchOffset;
        known.maxBytes = partition.maxBytes;
        known.currentLeaderEpoch = partition.currentLeaderEpoch;
        known.lastFetchedEpoch = partition.lastFetchedEpoch;
      }
    }
    for (const partition of request.forgotten) session.partitions.delete(keyOf(partition));
    this.#partitionCount += session.partitions.size - before;
    if (session.partitions.size === 0) {
      this.#end(session.id);
      // What the last request of a session asks for is still answered.
      return sessionless(byKey(request.partitions));
    }
    if (this.#partitionCount > this.#maxPartitions) {
      // The client starts over, and is served without a session if there is no room for one.
      this.#end(session.id);
      return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    }
    session.nextEpoch = session.nextEpoch === EPOCH_MAX ? 1 : session.nextEpoch + 1;
    session.usedAtMs = nowMs;
    // Re-inserting keeps the map ordered by last use.
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    return contextOf(session, true);
  }

  /** Whether one more session of so many partitions fits; ends those that are not used any more if need be. */
  #makeRoom(partitions: number, nowMs: number): boolean {
    if (partitions > this.#maxPartitions) return false;
    for (const [id, oldest] of this.#sessions) {
      if (this.#hasRoom(partitions)) return true;
      if (nowMs - oldest.usedAtMs < SESSION_EVICTION_MS) return false;
      this.#end(id);
    }
    return true;
  }

  #hasRoom(partitions: number): boolean {
    return this.#sessions.size < FETCH_SESSIONS_MAX &&
      this.#partitionCount + partitions <= this.#maxPartitions;
  }

  #end(id: number): void {
    this.#partitionCount -= this.#sessions.get(id)?.partitions.size ?? 0;
    this.#sessions.delete(id);
  }

  #unusedId(): number {
    for (;;) {
      const id = this.#newId();
      if (id !== NO_SESSION && !this.#sessions.has(id)) return id;
    }
  }
}

function keyOf(partition: { topicName: string; topicId: string; index: number }): string {
  return `${partition.topicName === "" ? partition.topicId : partition.topicName}/${partition.index}`;
}

function fresh(partition: FetchedPartition): SessionPartition {
  return { ...partition, sentHighWatermark: -1, sentLogStartOffset: -1 };
}

function byKey(partitions: readonly FetchedPartition[]): Map<string, SessionPartition> {
  return new Map(partitions.map((partition) => [keyOf(partition), fresh(partition)]));
}

function sessionless(partitions: ReadonlyMap<string, SessionPartition>): FetchContext {
  return { sessionId: NO_SESSION, incremental: false, partitions: again(partitions), served: () => {} };
}

function contextOf(session: Session, incremental: boolean): FetchContext {
  const { partitions } = session;
  return {
    sessionId: session.id,
    incremental,
    partitions: again(partitions),
    served(partition) {
      const key = keyOf(partition);
      if (partitions.delete(key)) partitions.set(key, partition);
    },
  };
}

/** The partitions of the moment, as often as they are asked for: a fetch that waits looks more than once. */
function again(partitions: ReadonlyMap<string, SessionPartition>): Iterable<SessionPartition> {
  return { [Symbol.iterator]: () => partitions.values() };
}
