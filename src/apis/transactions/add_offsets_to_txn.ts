/** AddOffsetsToTxn 0–4. 2 knows PRODUCER_FENCED. Clients of transaction version 2 do not send it (KIP-890). */
import { ErrorCode } from "../../base/error_codes.ts";
import { addOffsetsToTxnRequest } from "../../protocol/generated/add_offsets_to_txn_request.ts";
import {
  addOffsetsToTxnResponse,
  type AddOffsetsToTxnResponseInput,
} from "../../protocol/generated/add_offsets_to_txn_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, mayOnGroup, mayOnTransaction } from "../rights.ts";
import { transactionError } from "./errors.ts";

const KNOWS_FENCED_FROM = 2;

export const addOffsetsToTxn = defineApi({
  request: addOffsetsToTxnRequest,
  response: addOffsetsToTxnResponse,
  async handle(services, request, call): Promise<AddOffsetsToTxnResponseInput> {
    const { transactionalId: id, producerId, producerEpoch: epoch, groupId } = request;
    if (!mayOnTransaction(services, call, AclOperation.WRITE, id)) {
      return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, throttleTimeMs: 0 };
    }
    if (!mayOnGroup(services, call, AclOperation.READ, groupId)) {
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, throttleTimeMs: 0 };
    }
    const refusal = await services.engine.transactions.addGroup({ id, producerId, epoch }, groupId);
    const errorCode = refusal === null
      ? ErrorCode.NONE
      : transactionError(refusal, call.version, KNOWS_FENCED_FROM);
    return { errorCode, throttleTimeMs: 0 };
  },
});
