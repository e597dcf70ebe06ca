import type { ClassicChange, ClassicGroupSnapshot } from "./classic/records.ts";
import type { ConsumerChange, ConsumerGroupSnapshot } from "./consumer/records.ts";

/** Something that has been decided about a group. */
export interface GroupRecord {
  readonly type: "group";
  readonly groupId: string;
  readonly change: GroupChange;
}

/** What happens to a group. Those that begin one (`..._created`) take the place of what had the name. */
export type GroupChange =
  /** The group is no more, nor are its offsets. */
  | { readonly type: "deleted" }
  | ClassicChange
  | ConsumerChange;

/** A group as plain data, for snapshots. */
export type GroupSnapshot = ClassicGroupSnapshot | ConsumerGroupSnapshot;

/** The record of a change. */
export function groupRecord(groupId: string, change: GroupChange): GroupRecord {
  return { type: "group", groupId, change };
}
