/** RenewDelegationToken 1–2 (KIP-48): its owner and its renewers put off when a token expires. */
import { ErrorCode } from "../../base/error_codes.ts";
import { renewDelegationTokenRequest } from "../../protocol/generated/renew_delegation_token_request.ts";
import {
  renewDelegationTokenResponse,
  type RenewDelegationTokenResponseInput,
} from "../../protocol/generated/renew_delegation_token_response.ts";
import { defineApi } from "../api.ts";
import { changedToken, mayUseTokens, NO_TIME_MS } from "./token_access.ts";

export const renewDelegationToken = defineApi({
  request: renewDelegationTokenRequest,
  response: renewDelegationTokenResponse,
  async handle(
    { tokens, audit },
    { hmac, renewPeriodMs },
    { client },
  ): Promise<RenewDelegationTokenResponseInput> {
    if (!mayUseTokens(client)) {
      return changedToken(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, NO_TIME_MS);
    }
    if (tokens === null) return changedToken(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED);
    const renewed = await tokens.renew(hmac.slice(), client.principal.text, renewPeriodMs);
    if ("error" in renewed) return changedToken(renewed.error);
    audit.changed(client, [`delegation token ${renewed.id} of ${renewed.owner} renewed`]);
    return changedToken(ErrorCode.NONE, renewed.expiresAtMs);
  },
});
