import type { AclFacts, QuotaFacts, TokenFacts, UserFacts } from "../../broker/inspect/mod.ts";
import { aclFacts, inOrder } from "../../broker/inspect/security_facts.ts";
import { describeAclsRequest } from "../../protocol/generated/describe_acls_request.ts";
import { describeAclsResponse } from "../../protocol/generated/describe_acls_response.ts";
import { describeClientQuotasRequest } from "../../protocol/generated/describe_client_quotas_request.ts";
import { describeClientQuotasResponse } from "../../protocol/generated/describe_client_quotas_response.ts";
import { describeDelegationTokenRequest } from "../../protocol/generated/describe_delegation_token_request.ts";
import { describeDelegationTokenResponse } from "../../protocol/generated/describe_delegation_token_response.ts";
import { describeUserScramCredentialsRequest } from "../../protocol/generated/describe_user_scram_credentials_request.ts";
import { describeUserScramCredentialsResponse } from "../../protocol/generated/describe_user_scram_credentials_response.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { refuseError } from "./kafka_errors.ts";

/** Kafka's numbers of mechanisms. */
const MECHANISMS: Readonly<Record<number, string>> = { 1: "SCRAM-SHA-256", 2: "SCRAM-SHA-512" };
/** "Any" in the filters of ACLs. */
const ANY = 1;
const ACLS_VERSION = 3;
const TOKENS_VERSION = 3;
const QUOTAS_VERSION = 1;

export async function brokerUsers(client: KafkaClient): Promise<UserFacts[]> {
  const answer = await client.send(
    describeUserScramCredentialsRequest,
    describeUserScramCredentialsResponse,
    0,
    { users: null },
  );
  refuseError("users", answer.errorCode, answer.errorMessage);
  return inOrder(answer.results.map(({ user, credentialInfos }) => ({
    user,
    credentials: inOrder(credentialInfos.map(({ mechanism, iterations }) => ({
      mechanism: MECHANISMS[mechanism] ?? String(mechanism),
      iterations,
    }))),
  })));
}

export async function brokerAcls(client: KafkaClient): Promise<AclFacts[]> {
  const answer = await client.send(describeAclsRequest, describeAclsResponse, ACLS_VERSION, {
    resourceTypeFilter: ANY,
    resourceNameFilter: null,
    patternTypeFilter: ANY,
    principalFilter: null,
    hostFilter: null,
    operation: ANY,
    permissionType: ANY,
  });
  refuseError("ACLs", answer.errorCode, answer.errorMessage);
  return inOrder(
    answer.resources.flatMap(({ acls, resourceType, resourceName, patternType }) =>
      acls.map(({ permissionType: permission, ...acl }) =>
        aclFacts({ ...acl, resourceType, resourceName, patternType, permission })
      )
    ),
  );
}

export async function brokerQuotas(client: KafkaClient): Promise<QuotaFacts[]> {
  const request = { components: [], strict: false };
  const answer = await client.send(
    describeClientQuotasRequest,
    describeClientQuotasResponse,
    QUOTAS_VERSION,
    request,
  );
  refuseError("quotas", answer.errorCode, answer.errorMessage);
  const types = ["user", "client-id", "ip"];
  return inOrder((answer.entries ?? []).map(({ entity, values }) => ({
    entity: entity.map(({ entityType: type, entityName: name }) => ({ type, name }))
      .sort((a, b) => types.indexOf(a.type) - types.indexOf(b.type)),
    values: Object.fromEntries(inOrder(values.map(({ key, value }) => [key, value] as const))),
  })));
}

export async function brokerTokens(client: KafkaClient): Promise<TokenFacts[]> {
  const answer = await client.send(
    describeDelegationTokenRequest,
    describeDelegationTokenResponse,
    TOKENS_VERSION,
    { owners: null },
  );
  refuseError("delegation tokens", answer.errorCode);
  return inOrder(answer.tokens.map((token) => ({
    id: token.tokenId,
    owner: `${token.principalType}:${token.principalName}`,
    requester: `${token.tokenRequesterPrincipalType}:${token.tokenRequesterPrincipalName}`,
    renewers: token.renewers.map(({ principalType, principalName }) => `${principalType}:${principalName}`),
    issuedAtMs: token.issueTimestamp,
    expiresAtMs: token.expiryTimestamp,
    endsAtMs: token.maxTimestamp,
  })));
}
