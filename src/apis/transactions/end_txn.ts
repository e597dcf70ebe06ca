/**
 * EndTxn 0–5. 2 knows PRODUCER_FENCED, 5 is transaction version 2 (KIP-890): the
 * answer gives the epoch that the producer goes on with, so that nothing of this
 * transaction that is still under way can land in its next one.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { endTxnRequest } from "../../protocol/generated/end_txn_request.ts";
import { endTxnResponse, type EndTxnResponseInput } from "../../protocol/generated/end_txn_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnTransaction } from "../rights.ts";
import { transactionError } from "./errors.ts";

const KNOWS_FENCED_FROM = 2;
const BUMPS_EPOCH_FROM = 5;

export const endTxn = defineApi({
  request: endTxnRequest,
  response: endTxnResponse,
  async handle(services, request, call): Promise<EndTxnResponseInput> {
    const { version } = call;
    if (!mayOnTransaction(services, call, AclOperation.WRITE, request.transactionalId)) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED };
    }
    const bumpsEpoch = version >= BUMPS_EPOCH_FROM;
    const given = await services.engine.transactions.endTransaction({
      id: request.transactionalId,
      producerId: request.producerId,
      epoch: request.producerEpoch,
      isCommit: request.committed,
      bumpsEpoch,
    });
    if ("error" in given) {
      return { throttleTimeMs: 0, errorCode: transactionError(given, version, KNOWS_FENCED_FROM) };
    }
    if (!bumpsEpoch) return { throttleTimeMs: 0, errorCode: ErrorCode.NONE };
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      producerId: given.producerId,
      producerEpoch: given.epoch,
    };
  },
});
