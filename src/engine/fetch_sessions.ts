import { ErrorCode } from "../base/error_codes.ts";
import type { PartitionLog } from "../log/mod.ts";
import type { LogNews, NewsListener } from "./log_news.ts";

/** Sessions kept at most; beyond it a client is served without one (`max.incremental.fetch.session.cache.slots`). */
export const FETCH_SESSIONS_MAX = 1000;
/** A session unused for this long gives way to a new one when all places are taken. */
export const SESSION_EVICTION_MS = 120_000;
/** Partitions of all sessions together: one takes about 400 bytes, and a client may name any that do not exist. */
const SESSION_PARTITIONS_MAX = 50_000;

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

/** A partition of a fetch, with what the client was told last. -1 means "nothing yet". */
export interface SessionPartition extends FetchedPartition {
  sentHighWatermark: number;
  sentLogStartOffset: number;
}

/** What a fetch request says about its session. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly usesTopicIds: boolean;
  readonly isReadCommitted: boolean;
  /** Another number when rights may be others than before. */
  readonly rightsVersion: number;
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
  /** Those to look at, as often as they are asked for: a fetch that waits looks more than once. */
  readonly partitions: Iterable<SessionPartition>;
  /** Whether there are others, of which there is nothing to tell. */
  readonly hasSettled: boolean;
  /** Puts a partition that gave data behind the others, so that none starves. */
  served(partition: SessionPartition): void;
  /** The client knows all of a partition: nobody needs to look at it until the client names it or it has news. */
  settle(partition: SessionPartition, log: PartitionLog): void;
  /** Whom to tell when settled partitions have news: the fetch that waits. */
  listen(listener: NewsListener | undefined): void;
}

/**
 * Incremental fetch sessions (KIP-227): the broker remembers what a consumer
 * reads, so that a request names only changes and an answer holds only news.
 * A fetch looks at partitions that may have news, not at all of its session.
 */
export class FetchSessions {
  readonly #sessions = new Map<number, Session>();
  readonly #newId: () => number;
  readonly #news: LogNews;
  readonly #maxPartitions: number;
  /** Partitions of all sessions. */
  #partitionCount = 0;

  /** `newId` gives random positive 31-bit numbers. */
  constructor(newId: () => number, news: LogNews, options: { readonly maxPartitions?: number } = {}) {
    this.#newId = newId;
    this.#news = news;
    this.#maxPartitions = options.maxPartitions ?? SESSION_PARTITIONS_MAX;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Finds or makes the session of a request; a Kafka error code when it does not fit. */
  open(request: SessionRequest, nowMs: number): FetchContext | number {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch !== INITIAL_EPOCH && sessionEpoch !== FINAL_EPOCH) return this.#continue(request, nowMs);
    this.end(sessionId);
    if (sessionEpoch === FINAL_EPOCH) return new Sessionless(request.partitions);
    const count = new Set(request.partitions.map(keyOf)).size;
    if (!this.#makeRoom(count, nowMs)) return new Sessionless(request.partitions);
    const session = new Session(this.#unusedId(), request, this.#news);
    session.usedAtMs = nowMs;
    this.#sessions.set(session.id, session);
    this.#partitionCount += session.size;
    return session.context(false);
  }

  /** Forgets a session, if there is one: its client starts over. */
  end(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#partitionCount -= session.size;
    this.#sessions.delete(id);
    session.end();
  }

  #continue(request: SessionRequest, nowMs: number): FetchContext | number {
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    if (session.nextEpoch !== request.sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH;
    if (session.usesTopicIds !== request.usesTopicIds) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
    const before = session.size;
    session.change(request);
    this.#partitionCount += session.size - before;
    if (session.size === 0) {
      this.end(session.id);
      // What the last request of a session asks for is still answered.
      return new Sessionless(request.partitions);
    }
    if (this.#partitionCount > this.#maxPartitions) {
      // The client starts over, and is served without a session if there is no room for one.
      this.end(session.id);
      return ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
    }
    session.nextEpoch = session.nextEpoch === EPOCH_MAX ? 1 : session.nextEpoch + 1;
    session.usedAtMs = nowMs;
    // Re-inserting keeps the map ordered by last use.
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    return session.context(true);
  }

  /** Whether one more session of so many partitions fits; ends those that are not used any more if need be. */
  #makeRoom(partitions: number, nowMs: number): boolean {
    if (partitions > this.#maxPartitions) return false;
    for (const [id, oldest] of this.#sessions) {
      if (this.#hasRoom(partitions)) return true;
      if (nowMs - oldest.usedAtMs < SESSION_EVICTION_MS) return false;
      this.end(id);
    }
    return true;
  }

  #hasRoom(partitions: number): boolean {
    return this.#sessions.size < FETCH_SESSIONS_MAX &&
      this.#partitionCount + partitions <= this.#maxPartitions;
  }

  #unusedId(): number {
    for (;;) {
      const id = this.#newId();
      if (id !== NO_SESSION && !this.#sessions.has(id)) return id;
    }
  }
}

/** What one client reads. */
class Session {
  readonly usesTopicIds: boolean;
  /** The epoch that the client's next request must carry. */
  nextEpoch = INITIAL_EPOCH + 1;
  usedAtMs = 0;
  readonly #news: LogNews;
  readonly #partitions = new Map<string, Remembered>();
  /** Those to look at, in the order in which their turn comes. */
  readonly #unsettled = new Set<Remembered>();
  #isReadCommitted: boolean;
  #rightsVersion: number;
  #listener: NewsListener | undefined;

  constructor(readonly id: number, request: SessionRequest, news: LogNews) {
    this.usesTopicIds = request.usesTopicIds;
    this.#isReadCommitted = request.isReadCommitted;
    this.#rightsVersion = request.rightsVersion;
    this.#news = news;
    this.change({ ...request, forgotten: [] });
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** Takes in what a request names, and what it wants no more. */
  change({ isReadCommitted, rightsVersion, partitions, forgotten }: SessionRequest): void {
    for (const named of partitions) {
      const key = keyOf(named);
      const known = this.#partitions.get(key);
      if (known === undefined) {
        const partition = new Remembered(named, this);
        this.#partitions.set(key, partition);
        this.#unsettled.add(partition);
      } else {
        known.name(named);
        this.#unsettle(known);
      }
    }
    for (const named of forgotten) {
      const key = keyOf(named);
      const partition = this.#partitions.get(key);
      if (partition === undefined) continue;
      this.#forget(partition);
      this.#partitions.delete(key);
    }
    // Whoever reads on to a different end, or has other rights, may find more, or less, in any partition.
    if (isReadCommitted !== this.#isReadCommitted || rightsVersion !== this.#rightsVersion) {
      this.#isReadCommitted = isReadCommitted;
      this.#rightsVersion = rightsVersion;
      for (const partition of this.#partitions.values()) this.#unsettle(partition);
    }
  }

  context(incremental: boolean): FetchContext {
    const partitions = this.#unsettled;
    const { size } = this;
    return {
      sessionId: this.id,
      incremental,
      partitions,
      get hasSettled() {
        return partitions.size < size;
      },
      served: (partition) => this.#served(partition),
      settle: (partition, log) => this.#settle(partition, log),
      listen: (listener) => this.#listener = listener,
    };
  }

  /** A settled partition has news. */
  told(partition: Remembered, bytes: number, stableBytes: number): void {
    this.#unsettle(partition);
    this.#listener?.news(bytes, stableBytes);
  }

  /** Lets everything go; a fetch that still waits looks at once. */
  end(): void {
    for (const partition of this.#partitions.values()) this.#forget(partition);
    this.#partitions.clear();
    this.#listener?.news(Infinity, Infinity);
  }

  #served(partition: SessionPartition): void {
    if (partition instanceof Remembered && this.#unsettled.delete(partition)) this.#unsettled.add(partition);
  }

  /** Unless it has been forgotten meanwhile. */
  #settle(partition: SessionPartition, log: PartitionLog): void {
    if (!(partition instanceof Remembered) || !this.#unsettled.delete(partition)) return;
    partition.settledIn = log;
    this.#news.listen(log, partition);
  }

  #unsettle(partition: Remembered): void {
    if (partition.settledIn === undefined) return;
    this.#news.unlisten(partition.settledIn, partition);
    partition.settledIn = undefined;
    this.#unsettled.add(partition);
  }

  #forget(partition: Remembered): void {
    this.#unsettle(partition);
    this.#unsettled.delete(partition);
  }
}

/** A partition in a session. */
class Remembered implements SessionPartition, NewsListener {
  readonly topicName: string;
  readonly topicId: string;
  readonly index: number;
  fetchOffset = 0;
  maxBytes = 0;
  currentLeaderEpoch = -1;
  lastFetchedEpoch = -1;
  sentHighWatermark = -1;
  sentLogStartOffset = -1;
  /** While there is nothing to tell of it: where news will come from. */
  settledIn: PartitionLog | undefined;
  readonly #session: Session;

  constructor(named: FetchedPartition, session: Session) {
    this.topicName = named.topicName;
    this.topicId = named.topicId;
    this.index = named.index;
    this.#session = session;
    this.name(named);
  }

  /** Takes over what a request says of it. */
  name({ fetchOffset, maxBytes, currentLeaderEpoch, lastFetchedEpoch }: FetchedPartition): void {
    this.fetchOffset = fetchOffset;
    this.maxBytes = maxBytes;
    this.currentLeaderEpoch = currentLeaderEpoch;
    this.lastFetchedEpoch = lastFetchedEpoch;
  }

  news(bytes: number, stableBytes: number): void {
    this.#session.told(this, bytes, stableBytes);
  }
}

function keyOf(partition: { topicName: string; topicId: string; index: number }): string {
  return `${partition.topicName === "" ? partition.topicId : partition.topicName}/${partition.index}`;
}

/** A fetch without a session: everything is looked at and told. Of a partition that is named twice the last counts. */
class Sessionless implements FetchContext {
  readonly sessionId = NO_SESSION;
  readonly incremental = false;
  readonly partitions: readonly SessionPartition[];
  readonly hasSettled = false;

  constructor(named: readonly FetchedPartition[]) {
    this.partitions = named.length > 1 ? withoutRepeats(named).map(untold) : named.map(untold);
  }

  served(): void {}

  settle(): void {}

  listen(): void {}
}

function withoutRepeats(named: readonly FetchedPartition[]): readonly FetchedPartition[] {
  return [...new Map(named.map((each) => [keyOf(each), each])).values()];
}

function untold(named: FetchedPartition): SessionPartition {
  return {
    topicName: named.topicName,
    topicId: named.topicId,
    index: named.index,
    fetchOffset: named.fetchOffset,
    maxBytes: named.maxBytes,
    currentLeaderEpoch: named.currentLeaderEpoch,
    lastFetchedEpoch: named.lastFetchedEpoch,
    sentHighWatermark: -1,
    sentLogStartOffset: -1,
  };
}
