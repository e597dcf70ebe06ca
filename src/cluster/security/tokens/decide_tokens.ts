import { ErrorCode } from "../../../base/error_codes.ts";
import type { Decision, Refusal } from "../../decision.ts";
import { refuse } from "../../decision.ts";
import { charactersOf, type DelegationTokens } from "./delegation_tokens.ts";
import type { DelegationToken } from "./records.ts";

/** Tokens in all, and of one who asks for them: nobody needs a right to make some, so nobody may take all the room. */
const TOKENS_MAX = 10_000;
const REQUESTER_TOKENS_MAX = 1000;
/** In the names of owners, requesters and renewers of all tokens; 16 MiB of memory. */
const CHARACTERS_MAX = 8 * 2 ** 20;

/** What the operator decides about tokens. */
export interface TokenLimits {
  /** No token is renewed beyond it: delegation.token.max.lifetime.ms of Kafka. */
  readonly maxLifetimeMs: number;
  /** How long one is good for without a renewal: delegation.token.expiry.time.ms of Kafka. */
  readonly expiryTimeMs: number;
}

export interface CreateTokenCommand {
  /** A fresh one. */
  readonly id: string;
  /** Principals as `type:name`. */
  readonly owner: string;
  readonly requester: string;
  readonly renewers: readonly string[];
  /** 0 and less for as long as there may be one. */
  readonly maxLifetimeMs: number;
}

/** A token as it is to be, and how it becomes so. */
export interface TokenDecision {
  readonly token: DelegationToken;
  readonly decision: Decision;
}

/** What a new token is. */
export function decideCreateToken(
  tokens: DelegationTokens,
  { maxLifetimeMs, ...names }: CreateTokenCommand,
  limits: TokenLimits,
  nowMs: number,
): TokenDecision | Refusal {
  if (tokens.size >= TOKENS_MAX || tokens.characters + charactersOf(names) > CHARACTERS_MAX) {
    return refuse(ErrorCode.POLICY_VIOLATION, "There are too many delegation tokens.");
  }
  if (tokens.countOf(names.requester) >= REQUESTER_TOKENS_MAX) {
    return refuse(ErrorCode.POLICY_VIOLATION, `${names.requester} has too many delegation tokens.`);
  }
  const lifetimeMs = maxLifetimeMs > 0 ? Math.min(maxLifetimeMs, limits.maxLifetimeMs) : limits.maxLifetimeMs;
  const endsAtMs = nowMs + lifetimeMs;
  const expiresAtMs = Math.min(endsAtMs, nowMs + limits.expiryTimeMs);
  return set({ ...names, issuedAtMs: nowMs, expiresAtMs, endsAtMs });
}

/** Puts off when a token expires. With `periodMs` of 0 and less for as long as a new one is good for. */
export function decideRenewToken(
  token: DelegationToken | undefined,
  principal: string,
  periodMs: number,
  { expiryTimeMs }: TokenLimits,
  nowMs: number,
): TokenDecision | Refusal {
  const usable = usableBy(token, principal, nowMs);
  if ("error" in usable) return usable;
  const renewedMs = periodMs > 0 ? Math.min(periodMs, expiryTimeMs) : expiryTimeMs;
  return set({ ...usable, expiresAtMs: Math.min(usable.endsAtMs, nowMs + renewedMs) });
}

/** Lets a token expire `periodMs` from now, within its life; removes it when that is below 0. */
export function decideExpireToken(
  token: DelegationToken | undefined,
  principal: string,
  periodMs: number,
  nowMs: number,
): TokenDecision | Refusal {
  const usable = usableBy(token, principal, nowMs);
  if ("error" in usable) return usable;
  if (periodMs >= 0) return set({ ...usable, expiresAtMs: Math.min(usable.endsAtMs, nowMs + periodMs) });
  return {
    token: { ...usable, expiresAtMs: nowMs },
    decision: { records: [{ type: "delegation_tokens_removed", ids: [usable.id] }] },
  };
}

/** Removes what has expired. */
export function decideTokenExpiry(tokens: DelegationTokens, nowMs: number): Decision {
  const ids = Array.from(tokens.all()).filter((token) => isExpired(token, nowMs)).map(({ id }) => id);
  return { records: ids.length === 0 ? [] : [{ type: "delegation_tokens_removed", ids }] };
}

/** Whether a token is not good for anything any more. */
export function isExpired({ expiresAtMs }: DelegationToken, nowMs: number): boolean {
  return expiresAtMs < nowMs;
}

/** Those who are told of a token without a right to it. */
export function partiesOf({ owner, requester, renewers }: DelegationToken): string[] {
  return [owner, requester, ...renewers];
}

/** A token that its owner, or one of its renewers, may change; in the order in which Kafka looks at it. */
function usableBy(
  token: DelegationToken | undefined,
  principal: string,
  nowMs: number,
): DelegationToken | Refusal {
  if (token === undefined) {
    return refuse(ErrorCode.DELEGATION_TOKEN_NOT_FOUND, "There is no such delegation token.");
  }
  if (isExpired(token, nowMs)) {
    return refuse(ErrorCode.DELEGATION_TOKEN_EXPIRED, "The delegation token has expired.");
  }
  if (token.owner !== principal && !token.renewers.includes(principal)) {
    return refuse(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH, "The delegation token is another's.");
  }
  return token;
}

function set(token: DelegationToken): TokenDecision {
  return { token, decision: { records: [{ type: "delegation_token_set", ...token }] } };
}
