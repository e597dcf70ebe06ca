import type { MetadataRecord, TopicSettings } from "../../cluster/mod.ts";
import type { PartitionLog } from "../../log/mod.ts";
import type { Deadline } from "../deadlines.ts";
import type { Engine } from "../engine.ts";
import { Pauses } from "../pauses.ts";

/** Log starts moved with one entry of the log. */
const MOVES_PER_ENTRY = 200;
/** Batches and objects of one partition that are looked at in one go; what is behind them has its turn next. */
const PIECES_PER_LOOK = 10_000;

/** What of the engine retention needs. */
export type RetentionEngine = Pick<
  Engine,
  "clock" | "deadlines" | "state" | "logs" | "log" | "execute" | "isClosing"
>;

/** What retention asks of a partition. */
type Limits = Pick<TopicSettings, "deletesRecords" | "retentionMs" | "retentionBytes">;

/** Where a partition's log is to start from now on. */
export interface RetainedFrom {
  readonly offset: number;
  /** Whether more may go behind it: there was too much to look at. */
  readonly hasMore: boolean;
}

/**
 * Drops the oldest records of partitions whose topic's `cleanup.policy` has `delete`: those older than `retention.ms`,
 * and those beyond `retention.bytes`. Whole objects go, and batches that only the log holds; as in Kafka nothing that
 * is not visible yet, and open transactions hold nothing back.
 */
export class Retention {
  readonly #engine: RetentionEngine;
  readonly #intervalMs: number;
  readonly #next: Deadline;
  /** What has been decided and is not written yet. */
  #moves = new Map<PartitionLog, number>();

  /** Begins to look, every `intervalMs`, until the engine closes. */
  constructor(engine: RetentionEngine, options: { readonly intervalMs: number }) {
    this.#engine = engine;
    this.#intervalMs = options.intervalMs;
    this.#next = engine.deadlines.create(() => void this.#run());
    this.#next.set(this.#intervalMs);
  }

  /** Looks at all partitions once; what a full log refuses has its turn the next time. */
  async lookAtAll(): Promise<void> {
    const pauses = new Pauses(this.#engine.clock);
    for (const { id } of Array.from(this.#engine.state.topics())) {
      for (let index = 0;; index++) {
        if (this.#engine.isClosing) return;
        await pauses.next();
        // Asked for anew behind each pause: it may be gone.
        const partition = this.#engine.state.topicById(id)?.partitions[index];
        if (partition === undefined) break;
        await this.#lookAt(this.#engine.log(partition), partition.topic.settings, pauses);
      }
    }
    await this.#writeMoves();
  }

  async #run(): Promise<void> {
    await this.lookAtAll();
    this.#next.set(this.#intervalMs);
  }

  async #lookAt(log: PartitionLog, limits: Limits, pauses: Pauses): Promise<void> {
    for (let hasMore = true; hasMore;) {
      const kept = retainedFrom(log, limits, this.#engine.clock.nowMs());
      if (kept.offset <= log.logStartOffset) return;
      this.#moves.set(log, kept.offset);
      hasMore = kept.hasMore;
      if (hasMore || this.#moves.size >= MOVES_PER_ENTRY) {
        if (!await this.#writeMoves()) return;
      }
      await pauses.next();
    }
  }

  /** Answers whether that could be written. */
  async #writeMoves(): Promise<boolean> {
    const moves = this.#moves;
    this.#moves = new Map();
    const refusal = await this.#engine.execute(
      () => {
        const records: MetadataRecord[] = [];
        for (const [log, offset] of moves) {
          const isStill = this.#engine.logs.find(log.stream) === log && offset > log.logStartOffset;
          if (isStill) records.push({ type: "log_start_moved", stream: log.stream, offset });
        }
        return { records };
      },
      undefined,
      { urgency: "beyond_bound" },
    );
    return refusal === null;
  }
}

/** Where the log of a partition has to start for its topic's limits; where it does, or before, when nothing goes. */
export function retainedFrom(log: PartitionLog, limits: Limits, nowMs: number): RetainedFrom {
  const { deletesRecords, retentionMs, retentionBytes } = limits;
  let offset = log.logStartOffset;
  if (!deletesRecords) return { offset, hasMore: false };
  const expiredBeforeMs = retentionMs < 0 ? -Infinity : nowMs - retentionMs;
  let excessBytes = retentionBytes < 0 ? -1 : log.sizeBytes - retentionBytes;
  let looked = 0;
  for (const piece of piecesOf(log)) {
    if (looked++ === PIECES_PER_LOOK) return { offset, hasMore: true };
    const { maxTimestampMs, sizeBytes } = piece;
    if (sizeBytes <= excessBytes || (maxTimestampMs >= 0 && maxTimestampMs < expiredBeforeMs)) {
      offset = piece.endOffset;
    } else if (maxTimestampMs >= 0) break;
    // One without a time goes with what comes behind it.
    excessBytes -= sizeBytes;
  }
  return { offset, hasMore: false };
}

/** What goes as a whole or not at all: objects, then the visible batches behind them. */
function* piecesOf(log: PartitionLog) {
  const { objects, batches, highWatermark } = log;
  for (let index = 0; index < objects.count; index++) {
    const { endOffset, dataBytes, batchCount, maxTimestampMs } = objects.at(index);
    // Compaction may have left nothing in it.
    yield { endOffset, sizeBytes: dataBytes, maxTimestampMs: batchCount === 0 ? -1 : maxTimestampMs };
  }
  for (let row = batches.rowOf(log.storedEnd); row < batches.rows; row++) {
    const endOffset = batches.lastOffset(row) + 1;
    if (endOffset > highWatermark) return;
    yield { endOffset, sizeBytes: batches.lengthBytes(row), maxTimestampMs: batches.maxTimestampMs(row) };
  }
}
