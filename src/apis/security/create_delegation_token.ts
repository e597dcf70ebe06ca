/**
 * CreateDelegationToken 1–3 (KIP-48): a token with which others log in as its owner. 3 may name an owner other than
 * whoever asks (KIP-373).
 */
import { ErrorCode } from "../../base/error_codes.ts";
import { Principal } from "../../base/principal.ts";
import { AclOperation, AclResource } from "../../cluster/security/acls/mod.ts";
import { createDelegationTokenRequest } from "../../protocol/generated/create_delegation_token_request.ts";
import {
  createDelegationTokenResponse,
  type CreateDelegationTokenResponseInput,
} from "../../protocol/generated/create_delegation_token_response.ts";
import { defineApi } from "../api.ts";
import { mayUseTokens, NO_TIME_MS, principalFields, requesterFields } from "./token_access.ts";

/** The only type of principal that can renew tokens. */
const USER = "User";

export const createDelegationToken = defineApi({
  request: createDelegationTokenRequest,
  response: createDelegationTokenResponse,
  async handle(
    { tokens, authorizer, audit },
    request,
    { client, version },
  ): Promise<CreateDelegationTokenResponseInput> {
    const { principal: requester } = client;
    const { ownerPrincipalType, ownerPrincipalName, renewers, maxLifetimeMs } = request;
    const owner = ownerPrincipalName === null || ownerPrincipalName === ""
      ? requester
      : new Principal(ownerPrincipalType ?? "", ownerPrincipalName);
    const names = { ...principalFields(owner.text), ...requesterFields(version, requester.text) };
    const refused = (errorCode: number, timestampMs: number): CreateDelegationTokenResponseInput => ({
      errorCode,
      ...names,
      issueTimestampMs: timestampMs,
      expiryTimestampMs: timestampMs,
      maxTimestampMs: timestampMs,
      tokenId: "",
      hmac: new Uint8Array(),
      throttleTimeMs: 0,
    });
    if (!mayUseTokens(client)) return refused(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, NO_TIME_MS);
    if (
      owner.text !== requester.text &&
      !authorizer.allows(client, AclOperation.CREATE_TOKENS, AclResource.USER, owner.text)
    ) return refused(ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED, NO_TIME_MS);
    // A type with a colon, or none, could be taken for another principal's.
    const isNobody = owner.type === "" || owner.type.includes(":");
    if (isNobody || renewers.some(({ principalType }) => principalType !== USER)) {
      return refused(ErrorCode.INVALID_PRINCIPAL_TYPE, NO_TIME_MS);
    }
    if (tokens === null) return refused(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED, 0);
    const made = await tokens.create({
      owner: owner.text,
      requester: requester.text,
      renewers: renewers.map(({ principalName }) => `${USER}:${principalName}`),
      maxLifetimeMs,
    });
    if ("error" in made) return refused(made.error, NO_TIME_MS);
    const { token, hmac } = made;
    audit.changed(client, [`delegation token ${token.id} of ${token.owner} made`]);
    return {
      errorCode: ErrorCode.NONE,
      ...names,
      issueTimestampMs: token.issuedAtMs,
      expiryTimestampMs: token.expiresAtMs,
      maxTimestampMs: token.endsAtMs,
      tokenId: token.id,
      hmac,
      throttleTimeMs: 0,
    };
  },
});
