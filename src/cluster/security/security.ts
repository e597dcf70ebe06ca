import { unreachable } from "../../base/assert.ts";
import { Acls } from "./acls/acls.ts";
import { ClientQuotas } from "./quotas/client_quotas.ts";
import type { SecurityRecord, SecuritySnapshot } from "./records.ts";
import { ScramCredentials } from "./scram/scram_credentials.ts";
import { DelegationTokens } from "./tokens/delegation_tokens.ts";

/** Who may come in, what they may do, and how much of it. */
export class Security {
  constructor(
    readonly scram = new ScramCredentials(),
    readonly tokens = new DelegationTokens(),
    readonly acls = new Acls(),
    readonly quotas = new ClientQuotas(),
  ) {}

  apply(record: SecurityRecord): void {
    switch (record.type) {
      case "scram_credential_set":
      case "scram_credential_removed":
        return this.scram.apply(record);
      case "delegation_token_set":
      case "delegation_tokens_removed":
        return this.tokens.apply(record);
      case "acls_created":
      case "acls_deleted":
        return this.acls.apply(record);
      case "client_quota_changed":
        return this.quotas.apply(record);
      default:
        unreachable(record);
    }
  }

  snapshot(): SecuritySnapshot {
    return {
      scram: this.scram.snapshot(),
      tokens: this.tokens.snapshot(),
      acls: this.acls.snapshot(),
      quotas: this.quotas.snapshot(),
    };
  }

  static restore({ scram, tokens, acls, quotas }: SecuritySnapshot): Security {
    return new Security(
      ScramCredentials.restore(scram),
      DelegationTokens.restore(tokens),
      Acls.restore(acls),
      ClientQuotas.restore(quotas),
    );
  }
}
