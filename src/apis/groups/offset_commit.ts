/**
 * OffsetCommit 2–10. 2–4 may say how long the offsets are to be kept, 6 adds the
 * leader epoch (KIP-320), 7 the instance id (KIP-345), 9 takes members of groups
 * with the consumer protocol (KIP-848) and knows groups that do not exist, 10
 * names topics by id. What takes part in no group commits with generation -1.
 */
import { groupsOf } from "../../engine/groups/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import { decideOffsetCommit } from "../../cluster/groups/mod.ts";
import {
  type OffsetCommitRequest,
  offsetCommitRequest,
} from "../../protocol/generated/offset_commit_request.ts";
import {
  offsetCommitResponse,
  type OffsetCommitResponseInput,
} from "../../protocol/generated/offset_commit_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnGroup, mayOnTopic } from "../rights.ts";
import { codesOfAll, decideOffsets, offsetAsked, partitionErrors, withRefused } from "./decide_offsets.ts";

/** From here on a missing group is told from a generation that is over. */
const KNOWS_MISSING_GROUPS_FROM = 9;
const BY_ID_FROM = 10;

export const offsetCommit = defineApi({
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  async handle(services, request, call): Promise<OffsetCommitResponseInput> {
    const errors = mayOnGroup(services, call, AclOperation.READ, request.groupId)
      ? await commit(services, request, call)
      : codesOfAll(request.topics, ErrorCode.GROUP_AUTHORIZATION_FAILED);
    return {
      topics: request.topics.map(({ name, topicId, partitions }, topic) => ({
        name,
        topicId,
        partitions: partitionErrors(partitions, errors[topic]!),
      })),
    };
  },
});

/** An error code for each partition. Whoever may not read a topic cannot commit in it. */
async function commit(services: Services, request: OffsetCommitRequest, call: Call) {
  const { engine, settings } = services;
  const byId = call.version >= BY_ID_FROM;
  const isAllowed = request.topics.map(({ name, topicId }) => {
    const asked = byId ? engine.state.topicById(topicId)?.name : name;
    // That an id is unknown may be known.
    return asked === undefined || mayOnTopic(services, call, AclOperation.READ, asked);
  });
  const asked = request.topics.filter((_, index) => isAllowed[index]).map((
    { name, topicId, partitions },
  ) => ({
    topic: byId ? { id: topicId } : { name },
    partitions: partitions.map(offsetAsked),
  }));
  const committer = {
    group: request.groupId,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generation: request.generationIdOrMemberEpoch,
  };
  const knowsMissingGroups = call.version >= KNOWS_MISSING_GROUPS_FROM;
  const decided = await decideOffsets(engine, (state, nowMs) =>
    decideOffsetCommit(
      state,
      committer,
      asked,
      { nowMs, retentionMs: request.retentionTimeMs, knowsMissingGroups },
      settings.offsetLimits,
    ));
  if (decided.some((codes) => codes.includes(ErrorCode.NONE))) {
    groupsOf(engine).committed(request.groupId, request.memberId);
  }
  return withRefused(request.topics, isAllowed, decided);
}
