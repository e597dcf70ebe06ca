import { ErrorCode } from "../../../base/error_codes.ts";
import type { ClusterState } from "../../cluster_state.ts";
import type { Group } from "../group.ts";
import type { OffsetsDecision } from "./commit_offsets.ts";

/** Partitions of a topic whose offsets are to be forgotten. */
export interface OffsetsToDelete {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/**
 * Decides which offsets of a group are forgotten because somebody asks for it:
 * not those of topics that a member is subscribed to (KIP-496). `groupError` says
 * that the whole request is refused, and stands in place of codes for partitions.
 */
export function decideOffsetDelete(
  state: ClusterState,
  groupId: string,
  asked: readonly OffsetsToDelete[],
): OffsetsDecision & { readonly groupError: number } {
  const group = state.groups.get(groupId);
  const groupError = deleteError(groupId, group);
  if (group === undefined || groupError !== ErrorCode.NONE) {
    return { groupError, decision: { records: [] }, errors: [] };
  }
  const topics: { readonly topic: string; readonly partitions: readonly number[] }[] = [];
  const errors = asked.map(({ topic: name, partitions }) => {
    const topic = state.topic(name);
    const errorOfAll = group.isSubscribedTo(name) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
    const codes = partitions.map((partition) =>
      topic?.partitions[partition] === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : errorOfAll
    );
    if (topic === undefined || errorOfAll !== ErrorCode.NONE) return codes;
    const held = partitions.filter((partition) =>
      state.offsets.committed(groupId, topic.id, partition) !== undefined ||
      state.offsets.isPending(groupId, topic.id, partition)
    );
    if (held.length > 0) topics.push({ topic: topic.id, partitions: held });
    return codes;
  });
  const records = topics.length === 0 ? [] : [{ type: "offsets_deleted", group: groupId, topics } as const];
  return { groupError, decision: { records }, errors };
}

function deleteError(groupId: string, group: Group | undefined): number {
  if (groupId === "") return ErrorCode.INVALID_GROUP_ID;
  return group?.validateOffsetDelete() ?? ErrorCode.GROUP_ID_NOT_FOUND;
}
