import { saveAssignment } from "./assignment.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import { type ConsumerMember, progressed } from "./consumer_member.ts";
import type { ConsumerChange } from "./records.ts";

/** A static member under a new id, and a group where it is so already. */
export interface Replacement {
  readonly member: ConsumerMember;
  readonly group: ConsumerGroup;
  readonly changes: readonly ConsumerChange[];
}

/** Gives a static member another id: all that the old one had and was to have is the new one's. */
export function replaceMember(group: ConsumerGroup, old: ConsumerMember, memberId: string): Replacement {
  const member: ConsumerMember = {
    ...old,
    info: { ...old.info, id: memberId },
    epoch: 0,
    previousEpoch: 0,
  };
  const partitions = saveAssignment(group.target(old.info.id));
  const changes: ConsumerChange[] = [
    { type: "consumer_left", memberId: old.info.id, timeMs: group.sinceMs },
    { type: "consumer_member", member: member.info },
    { type: "consumer_target", memberId, partitions },
    progressed(memberId, member),
  ];
  const replaced = group.copy();
  for (const change of changes) replaced.apply(change);
  return { member, group: replaced, changes };
}
