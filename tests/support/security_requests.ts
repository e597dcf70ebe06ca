/** What administrators ask for about users, tokens, ACLs and quotas. Each fails the test when it is refused. */
import { strictEqual } from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { alterClientQuotasRequest } from "../../src/protocol/generated/alter_client_quotas_request.ts";
import { alterClientQuotasResponse } from "../../src/protocol/generated/alter_client_quotas_response.ts";
import { alterUserScramCredentialsRequest } from "../../src/protocol/generated/alter_user_scram_credentials_request.ts";
import { alterUserScramCredentialsResponse } from "../../src/protocol/generated/alter_user_scram_credentials_response.ts";
import {
  createAclsRequest,
  type CreateAclsRequestAclCreationInput,
} from "../../src/protocol/generated/create_acls_request.ts";
import { createAclsResponse } from "../../src/protocol/generated/create_acls_response.ts";
import { createDelegationTokenRequest } from "../../src/protocol/generated/create_delegation_token_request.ts";
import {
  type CreateDelegationTokenResponse,
  createDelegationTokenResponse,
} from "../../src/protocol/generated/create_delegation_token_response.ts";
import { only } from "./requests.ts";
import type { ScramMechanism } from "./sasl_client.ts";
import type { WireClient } from "./wire_client.ts";

const MECHANISMS: readonly ScramMechanism[] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

/** Gives a user a password, as Kafka's admin client does. */
export async function setPassword(
  client: WireClient,
  name: string,
  mechanism: ScramMechanism,
  password: string,
): Promise<void> {
  const [hash, bytes] = mechanism === "SCRAM-SHA-256" ? ["sha256", 32] as const : ["sha512", 64] as const;
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iterations = 4096;
  const saltedPassword = pbkdf2Sync(password, salt, iterations, bytes, hash);
  const answer = await client.send(alterUserScramCredentialsRequest, alterUserScramCredentialsResponse, 0, {
    deletions: [],
    upsertions: [{ name, mechanism: MECHANISMS.indexOf(mechanism) + 1, iterations, salt, saltedPassword }],
  });
  strictEqual(only(answer.results).errorCode, 0);
}

/** Takes a password back. */
export async function removePassword(
  client: WireClient,
  name: string,
  mechanism: ScramMechanism,
): Promise<void> {
  const answer = await client.send(alterUserScramCredentialsRequest, alterUserScramCredentialsResponse, 0, {
    deletions: [{ name, mechanism: MECHANISMS.indexOf(mechanism) + 1 }],
    upsertions: [],
  });
  strictEqual(only(answer.results).errorCode, 0);
}

/** Asks for a token of one's own, which `renewers` may renew; it may be refused. */
export function askForToken(
  client: WireClient,
  renewers: readonly string[] = [],
): Promise<CreateDelegationTokenResponse> {
  return client.send(createDelegationTokenRequest, createDelegationTokenResponse, 3, {
    ownerPrincipalType: null,
    ownerPrincipalName: null,
    renewers: renewers.map((principalName) => ({ principalType: "User", principalName })),
    maxLifetimeMs: -1,
  });
}

export async function createAcls(
  client: WireClient,
  creations: readonly CreateAclsRequestAclCreationInput[],
): Promise<void> {
  const answer = await client.send(createAclsRequest, createAclsResponse, 3, { creations });
  for (const { errorCode } of answer.results) strictEqual(errorCode, 0);
}

/** Sets quotas for an entity: types and names, `null` for the default. */
export async function setQuotas(
  client: WireClient,
  entity: Readonly<Record<string, string | null>>,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const answer = await client.send(alterClientQuotasRequest, alterClientQuotasResponse, 1, {
    entries: [{
      entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: Object.entries(values).map(([key, value]) => ({ key, value, remove: false })),
    }],
    validateOnly: false,
  });
  strictEqual(only(answer.entries).errorCode, 0);
}
