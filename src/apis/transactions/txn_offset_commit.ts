/**
 * TxnOffsetCommit 0–5. 2 adds the leader epoch, 3 the member of the group (KIP-447),
 * 5 takes the group into the transaction without AddOffsetsToTxn (KIP-890). The
 * offsets count when the transaction commits.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { offsetsError } from "../../cluster/mod.ts";
import { decideTxnOffsetCommit } from "../../cluster/groups/mod.ts";
import { txnOffsetCommitRequest } from "../../protocol/generated/txn_offset_commit_request.ts";
import {
  txnOffsetCommitResponse,
  type TxnOffsetCommitResponseInput,
} from "../../protocol/generated/txn_offset_commit_response.ts";
import { defineApi } from "../api.ts";
import { decideOffsets, offsetAsked, partitionErrors } from "../groups/decide_offsets.ts";

const KNOWS_ABORTABLE_FROM = 4;
const ADDS_IMPLICITLY_FROM = 5;

export const txnOffsetCommit = defineApi({
  request: txnOffsetCommitRequest,
  response: txnOffsetCommitResponse,
  async handle({ engine, settings }, request, { version }): Promise<TxnOffsetCommitResponseInput> {
    const { transactionalId: id, producerId, producerEpoch: epoch, groupId: group } = request;
    const committer = {
      group,
      producerId,
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      generation: request.generationId,
    };
    const skills = {
      addsImplicitly: version >= ADDS_IMPLICITLY_FROM,
      knowsAbortable: version >= KNOWS_ABORTABLE_FROM,
    };
    const asked = request.topics.map(({ name, partitions }) => ({
      topic: { name },
      partitions: partitions.map(offsetAsked),
    }));
    const errors = await decideOffsets(engine, (state, nowMs) => {
      const producerError = () =>
        group === ""
          ? ErrorCode.INVALID_GROUP_ID
          : offsetsError(state, { id, producerId, epoch }, group, skills, engine.transactions.limits);
      return decideTxnOffsetCommit(state, committer, asked, { nowMs, producerError }, settings.offsetLimits);
    });
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitions }, topic) => ({
        name,
        partitions: partitionErrors(partitions, errors[topic]!),
      })),
    };
  },
});
