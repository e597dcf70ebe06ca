/**
 * Quotas: how much of the broker a client may have (KIP-13, KIP-124, KIP-546, KIP-599, KIP-612).
 *
 * One is set for an entity: a user, a client id, both, or an address, each by its name or as the default of its
 * kind. What is set is state, changed by the record `client_quota_changed`, which has a value for each quota that
 * changes and `null` for one that is taken back. Which of several counts for a client, and what follows when a client
 * takes more, the engine's `quotas/` knows. Bounds: 10,000 entities, names of 1,000 characters.
 */
export { plainAddress } from "./address.ts";
export type { ClientQuotas } from "./client_quotas.ts";
export { decideAlterQuotas } from "./decide_alter.ts";
export type { QuotaAlteration, QuotaDecision } from "./decide_alter.ts";
export { findQuotas } from "./find_quotas.ts";
export { nameOf } from "./named_entity.ts";
export type { NamedEntity } from "./named_entity.ts";
export {
  CONNECTION_CREATION_RATE,
  CONSUMER_BYTE_RATE,
  CONTROLLER_MUTATION_RATE,
  PRODUCER_BYTE_RATE,
  REQUEST_PERCENTAGE,
} from "./quota_keys.ts";
export type { QuotaEntity } from "./records.ts";
