/** DescribeUserScramCredentials 0 (KIP-554): which users there are and with which mechanisms; nothing of their keys. */
import { ErrorCode } from "../../base/error_codes.ts";
import { type Refusal, refuse } from "../../cluster/mod.ts";
import { type ScramCredentials, scramMechanismCode } from "../../cluster/security/scram/mod.ts";
import { describeUserScramCredentialsRequest } from "../../protocol/generated/describe_user_scram_credentials_request.ts";
import {
  describeUserScramCredentialsResponse,
  type DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResultInput,
  type DescribeUserScramCredentialsResponseInput,
} from "../../protocol/generated/describe_user_scram_credentials_response.ts";
import { defineApi } from "../api.ts";
import { AclOperation, CLUSTER_REFUSAL, clusterRefusal } from "../rights.ts";

/** Not null: so it comes from Kafka. */
const NO_MESSAGE = "";

type Result = DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResultInput;

export const describeUserScramCredentials = defineApi({
  request: describeUserScramCredentialsRequest,
  response: describeUserScramCredentialsResponse,
  handle(services, { users }, call): DescribeUserScramCredentialsResponseInput {
    const none = { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: NO_MESSAGE, results: [] };
    const forbidden = clusterRefusal(services, call, AclOperation.DESCRIBE);
    if (forbidden !== null) {
      // As in Kafka nobody is named.
      const results = users?.map(() => refused("", forbidden));
      return { ...none, ...CLUSTER_REFUSAL, results: results ?? [] };
    }
    const { scram } = services.engine.state.security;
    const times = new Map<string, number>();
    for (const { name } of users ?? []) times.set(name, (times.get(name) ?? 0) + 1);
    // Nobody in particular is everybody.
    if (times.size === 0) { for (const user of scram.users()) times.set(user, 1); }
    return { ...none, results: Array.from(times, ([user, count]) => resultOf(scram, user, count > 1)) };
  },
});

function resultOf(scram: ScramCredentials, user: string, isRepeated: boolean): Result {
  if (isRepeated) {
    return refused(
      user,
      refuse(
        ErrorCode.DUPLICATE_RESOURCE,
        `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
      ),
    );
  }
  if (!scram.has(user)) {
    return refused(
      user,
      refuse(
        ErrorCode.RESOURCE_NOT_FOUND,
        `Attempt to describe a user credential that does not exist: ${user}`,
      ),
    );
  }
  return {
    user,
    errorCode: ErrorCode.NONE,
    errorMessage: NO_MESSAGE,
    credentialInfos: scram.of(user).map(({ mechanism, iterations }) => ({
      mechanism: scramMechanismCode(mechanism),
      iterations,
    })),
  };
}

function refused(user: string, { error, message }: Refusal): Result {
  return { user, errorCode: error, errorMessage: message, credentialInfos: [] };
}
