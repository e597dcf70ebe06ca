import type { ClientQuotas, QuotaEntity } from "../../cluster/security/quotas/mod.ts";

/** What counts for a client: how much, and who share it. */
export interface Limit {
  readonly perSecond: number;
  /** Those whose clients share it; a part that plays no part is `null`. */
  readonly user: string | null;
  readonly clientId: string | null;
  /** It is for any client id by itself: of those clients can make up as many as they like. */
  readonly isMadeUp: boolean;
}

/**
 * The limit of the quota `key` for a user's client, or `null` when there is none. The most specific one counts, in
 * Kafka's order; one that is a default is for each user and each client id by itself.
 */
export function limitOf(quotas: ClientQuotas, key: string, user: string, clientId: string): Limit | null {
  const find = (entity: QuotaEntity, sharers: Pick<Limit, "user" | "clientId">): Limit | null => {
    const perSecond = quotas.of(entity).get(key);
    return perSecond === undefined ? null : { perSecond, ...sharers, isMadeUp: entity.clientId === null };
  };
  const both = { user, clientId };
  const ofUser = { user, clientId: null };
  const ofClientId = { user: null, clientId };
  return find({ user, clientId }, both) ??
    find({ user, clientId: null }, both) ??
    find({ user }, ofUser) ??
    find({ user: null, clientId }, both) ??
    find({ user: null, clientId: null }, both) ??
    find({ user: null }, ofUser) ??
    find({ clientId }, ofClientId) ??
    find({ clientId: null }, ofClientId);
}
