/**
 * Delegation tokens (KIP-48): who may log in as somebody else for a while, by knowing a secret that the broker has made.
 *
 * A token is state; its secret is not. That is made of the token's id and a key of the broker's own, which is in no
 * log and no snapshot. A token is good until it expires; its owner and its renewers may put that off up to its end,
 * or let it happen sooner. What has expired is of no use at once, and is removed some time later.
 */
export {
  type CreateTokenCommand,
  decideCreateToken,
  decideExpireToken,
  decideRenewToken,
  decideTokenExpiry,
  isExpired,
  partiesOf,
  type TokenDecision,
  type TokenLimits,
} from "./decide_tokens.ts";
export type { DelegationTokens } from "./delegation_tokens.ts";
export type { DelegationToken } from "./records.ts";
