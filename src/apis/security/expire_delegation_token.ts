/**
 * ExpireDelegationToken 1–2 (KIP-48): its owner and its renewers say when a token expires, or that it is no more. Who
 * is logged in with it stays so until then.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { expireDelegationTokenRequest } from "../../protocol/generated/expire_delegation_token_request.ts";
import {
  expireDelegationTokenResponse,
  type ExpireDelegationTokenResponseInput,
} from "../../protocol/generated/expire_delegation_token_response.ts";
import { defineApi } from "../api.ts";
import { changedToken, mayUseTokens, NO_TIME_MS } from "./token_access.ts";

export const expireDelegationToken = defineApi({
  request: expireDelegationTokenRequest,
  response: expireDelegationTokenResponse,
  async handle(
    { tokens, audit },
    { hmac, expiryTimePeriodMs },
    { client },
  ): Promise<ExpireDelegationTokenResponseInput> {
    if (!mayUseTokens(client)) {
      return changedToken(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, NO_TIME_MS);
    }
    if (tokens === null) return changedToken(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED);
    const expiring = await tokens.expire(hmac.slice(), client.principal.text, expiryTimePeriodMs);
    if ("error" in expiring) return changedToken(expiring.error);
    audit.changed(client, [`delegation token ${expiring.id} of ${expiring.owner} expired`]);
    return changedToken(ErrorCode.NONE, expiring.expiresAtMs);
  },
});
