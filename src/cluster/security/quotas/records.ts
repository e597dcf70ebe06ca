/**
 * Whom a quota is for (KIP-13, KIP-546, KIP-612): a user, a client id, both, or an address. A part that is `null` is the
 * default of its kind; one that is absent plays no part.
 */
export interface QuotaEntity {
  readonly user?: string | null;
  readonly clientId?: string | null;
  readonly ip?: string | null;
}

/** Values by Kafka's names, such as `producer_byte_rate`; `null` takes one back. Others stay. */
export interface QuotaRecord {
  readonly type: "client_quota_changed";
  readonly entity: QuotaEntity;
  readonly values: Readonly<Record<string, number | null>>;
}

export type QuotaSnapshot = readonly {
  readonly entity: QuotaEntity;
  readonly values: Readonly<Record<string, number>>;
}[];
