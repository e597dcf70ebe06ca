/**
 * ListTransactions 0–2 (KIP-664). 1 filters by duration (KIP-994), 2 by a pattern
 * of transactional ids in RE2's syntax (KIP-1152). A client is told of those that it may describe.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { listTransactions as list } from "../../cluster/mod.ts";
import { TopicPattern } from "../../cluster/groups/mod.ts";
import { listTransactionsRequest } from "../../protocol/generated/list_transactions_request.ts";
import {
  listTransactionsResponse,
  type ListTransactionsResponseInput,
} from "../../protocol/generated/list_transactions_response.ts";
import { AclResource } from "../../cluster/security/acls/acl_codes.ts";
import { defineApi } from "../api.ts";
import { AclOperation } from "../rights.ts";
import { Pauses } from "../../engine/mod.ts";

export const listTransactions = defineApi({
  request: listTransactionsRequest,
  response: listTransactionsResponse,
  async handle({ engine, authorizer }, request, { client }): Promise<ListTransactionsResponseInput> {
    const pattern = request.transactionalIdPattern
      ? TopicPattern.parse(request.transactionalIdPattern)
      : null;
    if (pattern !== null && "problem" in pattern) {
      return {
        throttleTimeMs: 0,
        errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION,
        unknownStateFilters: [],
        transactionStates: [],
      };
    }
    const filter = {
      states: request.stateFilters,
      producerIds: request.producerIdFilters,
      longerThanMs: request.durationFilter,
    };
    const { found, unknownStates } = list(engine.state.transactions, filter, engine.clock.nowMs());
    const pauses = new Pauses(engine.clock);
    const matching = [];
    for (const transaction of found) {
      if (pattern !== null) await pauses.next();
      if (!(pattern?.matches(transaction.id) ?? true)) continue;
      if (
        authorizer.allowsQuietly(client, AclOperation.DESCRIBE, AclResource.TRANSACTIONAL_ID, transaction.id)
      ) {
        matching.push(transaction);
      }
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      unknownStateFilters: unknownStates,
      transactionStates: matching.map(({ id, producerId, state }) => ({
        transactionalId: id,
        producerId,
        transactionState: state,
      })),
    };
  },
});
