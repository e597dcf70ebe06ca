/**
 * OffsetCommit 2–10. 2–4 may say how long the offsets are to be kept, 6 adds the
 * leader epoch (KIP-320), 7 the instance id (KIP-345), 9 takes members of groups
 * with the consumer protocol (KIP-848) and knows groups that do not exist, 10
 * names topics by id. What takes part in no group commits with generation -1.
 */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { decideOffsetCommit } from "../../cluster/groups/mod.ts";
import { offsetCommitRequest } from "../../protocol/generated/offset_commit_request.ts";
import {
  offsetCommitResponse,
  type OffsetCommitResponseInput,
} from "../../protocol/generated/offset_commit_response.ts";
import { defineApi } from "../api.ts";
import { decideOffsets, offsetAsked, partitionErrors } from "./decide_offsets.ts";

/** From here on a missing group is told from a generation that is over. */
const KNOWS_MISSING_GROUPS_FROM = 9;
const BY_ID_FROM = 10;

export const offsetCommit = defineApi({
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  async handle({ engine, settings }, request, { version }): Promise<OffsetCommitResponseInput> {
    const committer = {
      group: request.groupId,
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      generation: request.generationIdOrMemberEpoch,
    };
    const asked = request.topics.map(({ name, topicId, partitions }) => ({
      topic: version >= BY_ID_FROM ? { id: topicId } : { name },
      partitions: partitions.map(offsetAsked),
    }));
    const knowsMissingGroups = version >= KNOWS_MISSING_GROUPS_FROM;
    const errors = await decideOffsets(engine, (state, nowMs) =>
      decideOffsetCommit(
        state,
        committer,
        asked,
        { nowMs, retentionMs: request.retentionTimeMs, knowsMissingGroups },
        settings.offsetLimits,
      ));
    if (errors.some((codes) => codes.includes(ErrorCode.NONE))) {
      groupsOf(engine).committed(request.groupId, request.memberId);
    }
    return {
      topics: request.topics.map(({ name, topicId, partitions }, topic) => ({
        name,
        topicId,
        partitions: partitionErrors(partitions, errors[topic]!),
      })),
    };
  },
});
