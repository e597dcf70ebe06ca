/**
 * AlterUserScramCredentials 0 (KIP-554): users for SCRAM, without a restart of anything. A password comes salted and
 * is kept as keys that nobody can log in with.
 */
import { scramKeys } from "../../auth/scram/mod.ts";
import { ErrorCode } from "../../base/error_codes.ts";
import type { Refusal } from "../../cluster/mod.ts";
import {
  decideAlterScram,
  type ScramDecision,
  type ScramKeys,
  scramMechanism,
  type ScramUpsertion,
  upsertionProblem,
} from "../../cluster/security/scram/mod.ts";
import { alterUserScramCredentialsRequest } from "../../protocol/generated/alter_user_scram_credentials_request.ts";
import {
  alterUserScramCredentialsResponse,
  type AlterUserScramCredentialsResponseInput,
} from "../../protocol/generated/alter_user_scram_credentials_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, clusterRefusal } from "../rights.ts";

export const alterUserScramCredentials = defineApi({
  request: alterUserScramCredentialsRequest,
  response: alterUserScramCredentialsResponse,
  async handle(
    services,
    request,
    call,
  ): Promise<AlterUserScramCredentialsResponseInput> {
    const { engine, audit } = services;
    const named = new Set([...request.deletions, ...request.upsertions].map(({ name }) => name));
    const all = (refusal: Refusal) => answered(new Map(Array.from(named, (user) => [user, refusal])));
    const forbidden = clusterRefusal(services, call, AclOperation.ALTER);
    if (forbidden !== null) return all(forbidden);
    const deletions = request.deletions.map(({ name: user, mechanism }) => ({ user, mechanism }));
    // What is awaited below outlives the request's bytes.
    const upsertions = request.upsertions.map(({ name: user, salt, saltedPassword, ...rest }) => ({
      ...rest,
      user,
      salt: salt.slice(),
      saltedPassword: saltedPassword.slice(),
    }));
    const keys = await keysOf(upsertions);
    let decided: ScramDecision = { outcomes: new Map(), records: [] };
    const refusal = await engine.execute(({ security }) => {
      return decided = decideAlterScram(security.scram, deletions, upsertions, keys);
    });
    if (refusal !== null) return all(refusal);
    audit.changed(
      call.client,
      decided.records.map(({ type, user, mechanism }) => {
        return `${mechanism} of User:${user} ${type === "scram_credential_set" ? "set" : "removed"}`;
      }),
    );
    return answered(decided.outcomes);
  },
});

async function keysOf(
  upsertions: readonly (ScramUpsertion & { readonly saltedPassword: Uint8Array<ArrayBuffer> })[],
): Promise<ReadonlyMap<ScramUpsertion, ScramKeys>> {
  const keys = new Map<ScramUpsertion, ScramKeys>();
  for (const upsertion of upsertions) {
    const mechanism = scramMechanism(upsertion.mechanism);
    if (mechanism === undefined || upsertionProblem(upsertion) !== null) continue;
    const { storedKey, serverKey } = await scramKeys(mechanism, upsertion.saltedPassword);
    keys.set(upsertion, { storedKey: storedKey.toBase64(), serverKey: serverKey.toBase64() });
  }
  return keys;
}

function answered(outcomes: ReadonlyMap<string, Refusal | null>): AlterUserScramCredentialsResponseInput {
  return {
    throttleTimeMs: 0,
    results: Array.from(outcomes, ([user, refusal]) => ({
      user,
      errorCode: refusal?.error ?? ErrorCode.NONE,
      errorMessage: refusal?.message ?? null,
    })),
  };
}
