/**
 * InitProducerId 0–5. A producer without a transactional id gets a fresh id at
 * epoch 0, whatever it had before (KIP-360 changes only transactional ones).
 * Transactions are not served yet: a transactional id is refused.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { initProducerIdRequest } from "../../protocol/generated/init_producer_id_request.ts";
import {
  initProducerIdResponse,
  type InitProducerIdResponseInput,
} from "../../protocol/generated/init_producer_id_response.ts";
import { defineApi } from "../api.ts";

/** No producer id, no epoch. */
const NONE = -1;

export const initProducerId = defineApi({
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  async handle({ engine }, request): Promise<InitProducerIdResponseInput> {
    const { transactionalId, producerId, producerEpoch } = request;
    const hasHalfAProducer = (producerId === NONE) !== (producerEpoch === NONE);
    if (transactionalId !== null || hasHalfAProducer) {
      const isMeant = transactionalId !== "" && !hasHalfAProducer;
      const errorCode = isMeant ? ErrorCode.UNSUPPORTED_VERSION : ErrorCode.INVALID_REQUEST;
      return { errorCode, producerId: NONE, producerEpoch: NONE };
    }
    const taken = await engine.producerIds.take();
    if (typeof taken === "number") return { errorCode: ErrorCode.NONE, producerId: taken, producerEpoch: 0 };
    return { errorCode: taken.error, producerId: NONE, producerEpoch: NONE };
  },
});
