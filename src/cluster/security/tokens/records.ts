/** A delegation token (KIP-48) without its secret, which is made of the id and the broker's own key. */
export interface DelegationToken {
  readonly id: string;
  /** Principals as `type:name`. */
  readonly owner: string;
  /** Who asked for it. */
  readonly requester: string;
  readonly renewers: readonly string[];
  /** Wall clock, as all times here. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** No renewal goes beyond it. */
  readonly endsAtMs: number;
}

export type TokenRecord =
  | ({ readonly type: "delegation_token_set" } & DelegationToken)
  | { readonly type: "delegation_tokens_removed"; readonly ids: readonly string[] };

export type TokenSnapshot = readonly DelegationToken[];
