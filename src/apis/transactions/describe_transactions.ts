/**
 * DescribeTransactions 0 (KIP-664). Kafka lists a group's partition of its offsets
 * topic among the others; there is no such topic here, so groups are not told of,
 * and no topics that the client may not describe.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import type { Transaction } from "../../cluster/mod.ts";
import { describeTransactionsRequest } from "../../protocol/generated/describe_transactions_request.ts";
import {
  describeTransactionsResponse,
  type DescribeTransactionsResponseInput,
  type DescribeTransactionsResponseTransactionStateInput,
} from "../../protocol/generated/describe_transactions_response.ts";
import { type Call, defineApi, type Services } from "../api.ts";
import { AclOperation, mayOnTransaction, seesTopic } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";

export const describeTransactions = defineApi({
  request: describeTransactionsRequest,
  response: describeTransactionsResponse,
  async handle(services, { transactionalIds }, call): Promise<DescribeTransactionsResponseInput> {
    const pauses = new Pauses(services.engine.clock);
    const transactionStates = [];
    const isMany = transactionalIds.length > REPEATED_IDS_MAX;
    for (const id of isMany ? new Set(transactionalIds) : transactionalIds) {
      await pauses.next();
      transactionStates.push(describe(services, call, id));
    }
    return { throttleTimeMs: 0, transactionStates };
  },
});

/** In a request of more ids than this one that is repeated is described once: a description can be large. */
const REPEATED_IDS_MAX = 1000;

function describe(
  services: Services,
  call: Call,
  id: string,
): DescribeTransactionsResponseTransactionStateInput {
  if (!mayOnTransaction(services, call, AclOperation.DESCRIBE, id)) {
    return { ...NOTHING, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, transactionalId: id };
  }
  const transaction = services.engine.state.transactions.get(id);
  if (transaction === undefined) {
    const errorCode = id === "" ? ErrorCode.INVALID_REQUEST : ErrorCode.TRANSACTIONAL_ID_NOT_FOUND;
    return { ...NOTHING, errorCode, transactionalId: id };
  }
  return {
    errorCode: ErrorCode.NONE,
    transactionalId: id,
    transactionState: transaction.state,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.epoch,
    topics: topicsOf(services, call, transaction),
  };
}

const NOTHING: Omit<DescribeTransactionsResponseTransactionStateInput, "transactionalId" | "errorCode"> = {
  transactionState: "",
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: [],
};

/** Looks through all topics: nobody asks for this often, so streams need no way back. */
function topicsOf(services: Services, call: Call, { streams }: Transaction) {
  if (streams.size === 0) return [];
  const topics: { readonly topic: string; readonly partitions: number[] }[] = [];
  for (const { name, partitions } of services.engine.state.topics()) {
    const inside = partitions.filter(({ stream }) => streams.has(stream)).map(({ index }) => index);
    if (inside.length > 0 && seesTopic(services, call, name)) {
      topics.push({ topic: name, partitions: inside });
    }
  }
  return topics;
}
