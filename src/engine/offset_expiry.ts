import { decideExpiry, type MetadataRecord } from "../cluster/mod.ts";
import type { Deadline } from "./deadlines.ts";
import type { Engine } from "./engine.ts";
import { loadGroups } from "./groups/load.ts";

/** Groups looked at without a pause; then others have their turn. */
const GROUPS_PER_STEP = 500;
/** Offsets forgotten with one entry of the log, or those of one group. */
const OFFSETS_PER_STEP = 10_000;

/** Forgets the offsets of groups that nobody is in any more, and then the groups (KIP-211). */
export class OffsetExpiry {
  readonly #engine: Engine;
  readonly #retentionMs: number;
  readonly #intervalMs: number;
  readonly #next: Deadline;
  /** What is still to be looked at this time. */
  #groupIds: string[] = [];

  /** Begins to look, every `intervalMs`, until the engine closes. */
  constructor(engine: Engine, options: { readonly retentionMs: number; readonly intervalMs: number }) {
    this.#engine = engine;
    this.#retentionMs = options.retentionMs;
    this.#intervalMs = options.intervalMs;
    this.#next = engine.deadlines.create(() => void this.#step());
    this.#next.set(this.#intervalMs);
  }

  async #step(): Promise<void> {
    if (this.#groupIds.length === 0) this.#groupIds = Array.from(this.#engine.state.groups, ({ id }) => id);
    const looked = this.#groupIds.length === 0 ? 0 : await this.#expire(this.#groupIds);
    this.#groupIds.length -= looked;
    this.#next.set(this.#groupIds.length > 0 ? 0 : this.#intervalMs);
  }

  /**
   * Looks at some of the groups, the last ones first; answers how many. What a
   * full log refuses is looked at again the next time.
   */
  async #expire(groupIds: readonly string[]): Promise<number> {
    const { groupsOf } = await loadGroups();
    const most = Math.min(groupIds.length, GROUPS_PER_STEP);
    let looked = 0;
    let records: MetadataRecord[] = [];
    await this.#engine.execute((state) => {
      const nowMs = this.#engine.clock.nowMs();
      records = [];
      let count = 0;
      for (looked = 0; looked < most && count < OFFSETS_PER_STEP; looked++) {
        const group = state.groups.get(groupIds.at(-1 - looked) ?? "");
        const expired = group === undefined ? [] : decideExpiry(state, group, nowMs, this.#retentionMs);
        records.push(...expired);
        for (const record of expired) if (record.type === "offsets_deleted") count += countOf(record);
      }
      return { records };
    }, () => {
      for (const record of records) {
        if (record.type === "group") groupsOf(this.#engine).changed(record.groupId);
      }
    });
    return looked;
  }
}

function countOf({ topics }: Extract<MetadataRecord, { type: "offsets_deleted" }>): number {
  return topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
}
