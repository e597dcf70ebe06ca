import type { Principal } from "../base/principal.ts";
import type { ScramMechanism } from "./mechanisms.ts";
import type { ScramCredential } from "./scram/keys.ts";

type Found<T> = T | undefined | Promise<T | undefined>;

/** Where users are known: from flags, from a file, or made by clients. */
export interface UserSource {
  find(user: string, mechanism: ScramMechanism): Found<ScramCredential>;
}

/** Delegation tokens (KIP-48), which are used over SCRAM: the id is the name of the user. */
export interface TokenSource {
  /** `undefined` when there is none of that id, or none that is good any more. */
  credential(id: string): Found<TokenCredential>;
}

export interface TokenCredential {
  /** Who one is that has the token. */
  readonly owner: Principal;
  /** The token's HMAC in Base64. */
  readonly password: string;
  /** Wall clock. */
  readonly expiresAtMs: number;
}

/** The first who knows a user is the one who counts. */
export function firstOf(sources: readonly UserSource[]): UserSource {
  return {
    async find(user, mechanism) {
      for (const source of sources) {
        const credential = await source.find(user, mechanism);
        if (credential !== undefined) return credential;
      }
      return undefined;
    },
  };
}
