import { api } from "./api.ts";
import type { Peer } from "./peer.ts";

/** An id that no topic has. */
export const UNKNOWN_ID = "ffffffffffffffffffff_w";

/** A fresh id for an idempotent producer; a broker that has just started may not have one yet. */
export async function newProducerIdOf(peer: Peer): Promise<number> {
  const answer = await peer.until(
    () =>
      peer.send(api.initProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      }),
    ({ errorCode }) => errorCode === 0,
  );
  return answer.producerId;
}
