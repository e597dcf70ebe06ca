/**
 * Objects written anew: what compaction leaves of them, or many small ones as one. Works on the store alone: it reads
 * live objects and puts new ones beside them, which become live, in the place of the old ones, by a record of the
 * metadata. So it may be cut short between any two calls of the store: at worst, objects are left that nobody knows.
 *
 * Compaction follows Apache Kafka's log cleaner to the record. A pass gathers the keys of all that is not clean yet,
 * with the last offset of each ({@link KeyMap}, 24 bytes a key in a bounded memory; when that is full, the pass ends
 * there and the next one goes on). Then it reads the partition from its first object up to there and leaves out
 *
 * - records whose key has a later record, records without a key, and those of aborted transactions;
 * - tombstones, and markers of transactions of which there is no record left, a while after that was found: the first
 *   pass that finds them sets the batch's delete horizon (KIP-534: attribute bit 6, the base timestamp is that time),
 *   and a pass after it drops them;
 * - batches of which nothing is left, but the newest of each producer that is remembered and the last one of the
 *   pass: these stay without records.
 *
 * What stays keeps its offset, and its bytes wherever the batch loses nothing. Invariants: objects stand for the same
 * offsets as those in whose place they are put; clean ones come before those that are not; a batch that is damaged
 * fails the job, so damage is never copied; memory is bounded by the keys' memory, one object of at most the target
 * size, one footer, one piece of 4 MiB, and what the largest batch takes unpacked.
 */
import type { CompactJob, CompactResult } from "../contract.ts";
import { clean, expire } from "./clean.ts";
import { join } from "./join.ts";
import type { CompactTools } from "./tools.ts";

export type { CompactTools } from "./tools.ts";

/**
 * Does the job. It can be abandoned at any await: what it has put is not live.
 * @throws KliteError what the store throws, or DATA_DAMAGED.
 */
export function compact(job: CompactJob, tools: CompactTools): Promise<CompactResult> {
  switch (job.mode) {
    case "join":
      return join(job, tools);
    case "clean":
      return clean(job, tools);
    case "expire":
      return expire(job, tools);
  }
}
