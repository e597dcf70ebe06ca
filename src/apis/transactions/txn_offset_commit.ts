/**
 * TxnOffsetCommit 0–5. 2 adds the leader epoch, 3 the member of the group (KIP-447),
 * 5 takes the group into the transaction without AddOffsetsToTxn (KIP-890). The
 * offsets count when the transaction commits.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { offsetsError } from "../../cluster/mod.ts";
import { decideTxnOffsetCommit } from "../../cluster/groups/mod.ts";
import {
  type TxnOffsetCommitRequest,
  txnOffsetCommitRequest,
} from "../../protocol/generated/txn_offset_commit_request.ts";
import {
  txnOffsetCommitResponse,
  type TxnOffsetCommitResponseInput,
} from "../../protocol/generated/txn_offset_commit_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import {
  codesOfAll,
  decideOffsets,
  offsetAsked,
  partitionErrors,
  withRefused,
} from "../groups/decide_offsets.ts";
import { AclOperation, mayOnGroup, mayOnTopic, mayOnTransaction } from "../rights.ts";

const KNOWS_ABORTABLE_FROM = 4;
const ADDS_IMPLICITLY_FROM = 5;

export const txnOffsetCommit = defineApi({
  request: txnOffsetCommitRequest,
  response: txnOffsetCommitResponse,
  async handle(services, request, call): Promise<TxnOffsetCommitResponseInput> {
    const refusal = refuse(services, request, call);
    const errors = refusal === ErrorCode.NONE
      ? await commit(services, request, call)
      : codesOfAll(request.topics, refusal);
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitions }, topic) => ({
        name,
        partitions: partitionErrors(partitions, errors[topic]!),
      })),
    };
  },
});

function refuse(
  services: Services,
  { transactionalId, groupId }: TxnOffsetCommitRequest,
  call: Call,
): number {
  if (!mayOnTransaction(services, call, AclOperation.WRITE, transactionalId)) {
    return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  }
  return mayOnGroup(services, call, AclOperation.READ, groupId)
    ? ErrorCode.NONE
    : ErrorCode.GROUP_AUTHORIZATION_FAILED;
}

/** An error code for each partition. */
async function commit(services: Services, request: TxnOffsetCommitRequest, call: Call) {
  const { engine, settings } = services;
  const { transactionalId: id, producerId, producerEpoch: epoch, groupId: group } = request;
  const committer = {
    group,
    producerId,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generation: request.generationId,
  };
  const skills = {
    addsImplicitly: call.version >= ADDS_IMPLICITLY_FROM,
    knowsAbortable: call.version >= KNOWS_ABORTABLE_FROM,
  };
  const isAllowed = request.topics.map(({ name }) => mayOnTopic(services, call, AclOperation.READ, name));
  const asked = request.topics.filter((_, index) => isAllowed[index]).map(({ name, partitions }) => ({
    topic: { name },
    partitions: partitions.map(offsetAsked),
  }));
  const decided = await decideOffsets(engine, (state, nowMs) => {
    const producerError = () =>
      group === ""
        ? ErrorCode.INVALID_GROUP_ID
        : offsetsError(state, { id, producerId, epoch }, group, skills, engine.transactions.limits);
    return decideTxnOffsetCommit(state, committer, asked, { nowMs, producerError }, settings.offsetLimits);
  });
  return withRefused(request.topics, isAllowed, decided);
}
