import type { AclRecord, AclSnapshot } from "./acls/records.ts";
import type { QuotaRecord, QuotaSnapshot } from "./quotas/records.ts";
import type { ScramRecord, ScramSnapshot } from "./scram/records.ts";
import type { TokenRecord, TokenSnapshot } from "./tokens/records.ts";

/** What changes who may come in, and what they may do. */
export type SecurityRecord = ScramRecord | TokenRecord | AclRecord | QuotaRecord;

/** All of it. */
export interface SecuritySnapshot {
  readonly scram: ScramSnapshot;
  readonly tokens: TokenSnapshot;
  readonly acls: AclSnapshot;
  readonly quotas: QuotaSnapshot;
}
