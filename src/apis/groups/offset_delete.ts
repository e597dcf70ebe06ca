/** OffsetDelete 0 (KIP-496): offsets of topics that no member of the group is subscribed to. */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideOffsetDelete } from "../../cluster/groups/mod.ts";
import { offsetDeleteRequest } from "../../protocol/generated/offset_delete_request.ts";
import {
  offsetDeleteResponse,
  type OffsetDeleteResponseInput,
} from "../../protocol/generated/offset_delete_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnGroup, mayOnTopic } from "../rights.ts";
import { decideOffsets, withRefused } from "./decide_offsets.ts";

export const offsetDelete = defineApi({
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
  async handle(services, { groupId, topics }, call): Promise<OffsetDeleteResponseInput> {
    if (!mayOnGroup(services, call, AclOperation.DELETE, groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, throttleTimeMs: 0, topics: [] };
    }
    // As in Kafka a topic of which nothing is asked is not in the answer.
    const asked = topics.filter(({ partitions }) => partitions.length > 0).map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partitionIndex }) => partitionIndex),
    }));
    const isAllowed = asked.map(({ topic }) => mayOnTopic(services, call, AclOperation.READ, topic));
    const allowed = asked.filter((_, index) => isAllowed[index]);
    let groupError: number = ErrorCode.NONE;
    const decided = await decideOffsets(services.engine, (state) => {
      const decision = decideOffsetDelete(state, groupId, allowed);
      groupError = decision.groupError;
      return decision;
    });
    if (groupError !== ErrorCode.NONE) return { errorCode: groupError, throttleTimeMs: 0, topics: [] };
    const errors = withRefused(asked, isAllowed, decided);
    return {
      errorCode: ErrorCode.NONE,
      throttleTimeMs: 0,
      topics: asked.map(({ topic, partitions }, index) => ({
        name: topic,
        partitions: partitions.map((partitionIndex, at) => ({
          partitionIndex,
          errorCode: errors[index]![at]!,
        })),
      })),
    };
  },
});
