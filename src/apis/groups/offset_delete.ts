/** OffsetDelete 0 (KIP-496): offsets of topics that no member of the group is subscribed to. */
import { ErrorCode } from "../../base/error_codes.ts";
import { decideOffsetDelete } from "../../cluster/groups/mod.ts";
import { offsetDeleteRequest } from "../../protocol/generated/offset_delete_request.ts";
import {
  offsetDeleteResponse,
  type OffsetDeleteResponseInput,
} from "../../protocol/generated/offset_delete_response.ts";
import { defineApi } from "../api.ts";
import { decideOffsets } from "./decide_offsets.ts";

export const offsetDelete = defineApi({
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
  async handle({ engine }, { groupId, topics }): Promise<OffsetDeleteResponseInput> {
    // As in Kafka a topic of which nothing is asked is not in the answer.
    const asked = topics.filter(({ partitions }) => partitions.length > 0).map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partitionIndex }) => partitionIndex),
    }));
    let groupError: number = ErrorCode.NONE;
    const errors = await decideOffsets(engine, (state) => {
      const decided = decideOffsetDelete(state, groupId, asked);
      groupError = decided.groupError;
      return decided;
    });
    if (groupError !== ErrorCode.NONE) return { errorCode: groupError, throttleTimeMs: 0, topics: [] };
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
