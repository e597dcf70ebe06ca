/**
 * The object tier: what becomes of records that the log does not keep.
 *
 * - {@link Flusher} makes objects of what only the log has; `log_room.ts` says when the log needs that, and lets go of
 *   what is stored. `stored_snapshots.ts` keeps the metadata beside the objects.
 * - `retention.ts` and the compaction of `compaction.ts` decide what is not needed any more; `dead_objects.ts` deletes
 *   it, and `orphan_sweep.ts` finds what a crash has left. `scrub.ts` looks for damage, if it is asked to;
 *   `damage.ts` does what can be done about it, whoever has found it.
 *
 * What holds, whatever fails and whenever:
 * 1. Which objects are live is metadata, in the log: an object is put first, then a record says so; it is deleted only
 *    once a record that does without it is durable, and in a stored snapshot where objects outlive the disk. So a crash
 *    or a lost disk leaves an object that nobody knows, never a missing one.
 * 2. Only durable batches are stored, whole, in order and without a gap; the log lets go of a batch only when the
 *    record that says it is stored is durable and a snapshot covers it.
 * 3. A full log still takes these records ({@link Engine.execute}, `urgency`), or it could never be freed.
 * 4. While the store is away nothing is lost and nothing stops but what needs room that only it can give.
 *
 * The room is loaded when there is something for it to do (`tier_gate.ts`).
 */
export { Tier } from "./tier.ts";
