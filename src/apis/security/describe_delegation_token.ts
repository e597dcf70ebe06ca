/**
 * DescribeDelegationToken 1–3 (KIP-48): the tokens of some owners, or of all, that the client has to do with or has a
 * right to see; with their secrets, as in Kafka. 3 tells who has asked for them.
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { AclOperation, AclResource } from "../../cluster/security/acls/mod.ts";
import { type DelegationToken, partiesOf } from "../../cluster/security/tokens/mod.ts";
import { describeDelegationTokenRequest } from "../../protocol/generated/describe_delegation_token_request.ts";
import {
  describeDelegationTokenResponse,
  type DescribeDelegationTokenResponseDescribedDelegationTokenInput,
  type DescribeDelegationTokenResponseInput,
} from "../../protocol/generated/describe_delegation_token_response.ts";
import { type Client, defineApi, type Services } from "../api.ts";
import { mayUseTokens, principalFields, requesterFields } from "./token_access.ts";

export const describeDelegationToken = defineApi({
  request: describeDelegationTokenRequest,
  response: describeDelegationTokenResponse,
  handle(services, { owners }, { client, version }): DescribeDelegationTokenResponseInput {
    const { engine, tokens } = services;
    const answer = (
      errorCode: number,
      described: DescribeDelegationTokenResponseDescribedDelegationTokenInput[] = [],
    ) => ({ errorCode, tokens: described, throttleTimeMs: 0 });
    if (!mayUseTokens(client)) return answer(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
    if (tokens === null) return answer(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED);
    const asked = owners === null
      ? null
      : new Set(owners.map(({ principalType, principalName }) => `${principalType}:${principalName}`));
    const found = Array.from(engine.state.security.tokens.all()).filter((token) =>
      (asked === null || partiesOf(token).some((party) => asked.has(party))) &&
      maySee(services, client, token)
    );
    const described = found.map((token) => describe(version, token, tokens.secretOf(token)));
    return answer(ErrorCode.NONE, described);
  },
});

function maySee({ authorizer }: Services, client: Client, token: DelegationToken): boolean {
  return partiesOf(token).includes(client.principal.text) ||
    authorizer.allowsQuietly(client, AclOperation.DESCRIBE, AclResource.DELEGATION_TOKEN, token.id) ||
    authorizer.allowsQuietly(client, AclOperation.DESCRIBE_TOKENS, AclResource.USER, token.owner);
}

function describe(
  version: number,
  token: DelegationToken,
  hmac: Uint8Array,
): DescribeDelegationTokenResponseDescribedDelegationTokenInput {
  return {
    ...principalFields(token.owner),
    ...requesterFields(version, token.requester),
    issueTimestamp: token.issuedAtMs,
    expiryTimestamp: token.expiresAtMs,
    maxTimestamp: token.endsAtMs,
    tokenId: token.id,
    hmac,
    renewers: token.renewers.map(principalFields),
  };
}
