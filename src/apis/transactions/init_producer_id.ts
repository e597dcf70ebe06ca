/**
 * InitProducerId 0–5. 3 names the producer that the client was (KIP-360), 4 knows
 * PRODUCER_FENCED, 5 goes with transaction version 2 (KIP-890). Version 6 (two-phase
 * commit, KIP-939) is not stable in Kafka, either.
 *
 * A producer without a transactional id gets a fresh id at epoch 0, whatever it had
 * before. With one, whoever had it before is fenced. Kafka answers
 * CONCURRENT_TRANSACTIONS while it aborts an open transaction; here the abort and the
 * new epoch are one write, so there is nothing to wait for.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { initProducerIdRequest } from "../../protocol/generated/init_producer_id_request.ts";
import {
  initProducerIdResponse,
  type InitProducerIdResponseInput,
} from "../../protocol/generated/init_producer_id_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclResource } from "../../cluster/security/acls/acl_codes.ts";
import { AclOperation, mayOnCluster, mayOnTransaction } from "../rights.ts";
import { transactionError } from "./errors.ts";

/** No producer id, no epoch. */
const NONE = -1;
const KNOWS_FENCED_FROM = 4;

export const initProducerId = defineApi({
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  async handle(services, request, call): Promise<InitProducerIdResponseInput> {
    const refusal = refuse(services, request.transactionalId, call);
    if (refusal !== ErrorCode.NONE) return failed(refusal);
    const { engine } = services;
    const { version } = call;
    const { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch: epoch } = request;
    if ((producerId === NONE) !== (epoch === NONE)) return failed(ErrorCode.INVALID_REQUEST);
    if (transactionalId === null) {
      const taken = await engine.producerIds.take();
      if (typeof taken !== "number") return failed(transactionError(taken, version, KNOWS_FENCED_FROM));
      return { errorCode: ErrorCode.NONE, producerId: taken, producerEpoch: 0 };
    }
    const expected = producerId === NONE ? null : { producerId, epoch };
    const given = await engine.transactions.initProducer({ id: transactionalId, timeoutMs, expected });
    if ("error" in given) return failed(transactionError(given, version, KNOWS_FENCED_FROM));
    return { errorCode: ErrorCode.NONE, producerId: given.producerId, producerEpoch: given.epoch };
  },
});

/** Whoever may write to any topic may do so idempotently, too (KIP-679). */
function refuse(services: Services, transactionalId: string | null, call: Call): number {
  if (transactionalId !== null) {
    return mayOnTransaction(services, call, AclOperation.WRITE, transactionalId)
      ? ErrorCode.NONE
      : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  }
  const isAllowed = services.authorizer.allowsSome(call.client, AclOperation.WRITE, AclResource.TOPIC) ||
    mayOnCluster(services, call, AclOperation.IDEMPOTENT_WRITE);
  return isAllowed ? ErrorCode.NONE : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
}

function failed(errorCode: number): InitProducerIdResponseInput {
  return { errorCode, producerId: NONE, producerEpoch: NONE };
}
