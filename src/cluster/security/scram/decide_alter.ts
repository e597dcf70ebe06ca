import { assert } from "../../../base/assert.ts";
import { ErrorCode } from "../../../base/error_codes.ts";
import { type Refusal, refuse } from "../../decision.ts";
import type { ScramCredential, ScramRecord } from "./records.ts";
import { scramMechanism } from "./scram_codes.ts";
import type { ScramCredentials } from "./scram_credentials.ts";

/** What a client may choose: fewer are guessed too fast (RFC 7677), more take the broker too long. */
const ITERATIONS_MIN = 4096;
const ITERATIONS_MAX = 16_384;
/** A user takes 2 KB at most, with both mechanisms and names and salts of usual length. */
const USERS_MAX = 10_000;
const NAME_CHARACTERS_MAX = 1000;
const SALT_BYTES_MAX = 256;

/** A credential that is to go. Mechanisms are Kafka's numbers, whatever a client has sent for one. */
export interface ScramDeletion {
  readonly user: string;
  readonly mechanism: number;
}

/** One that is to be, in place of what there is of it. */
export interface ScramUpsertion {
  readonly user: string;
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly saltedPassword: Uint8Array;
}

/** What is kept in place of a password, Base64. */
export type ScramKeys = Pick<ScramCredential, "storedKey" | "serverKey">;

/** What becomes of each user that a request names, and the records that make it so. */
export interface ScramDecision {
  readonly outcomes: ReadonlyMap<string, Refusal | null>;
  readonly records: readonly ScramRecord[];
}

/** Why a credential cannot be, whatever there is already; `null` when it can. */
export function upsertionProblem(upsertion: ScramUpsertion): Refusal | null {
  const { user, iterations, salt, saltedPassword } = upsertion;
  const problem = placeProblem(upsertion);
  if (problem !== null) return problem;
  if (iterations < ITERATIONS_MIN) return unacceptable("Too few iterations");
  if (iterations > ITERATIONS_MAX) return unacceptable("Too many iterations");
  if (user.length > NAME_CHARACTERS_MAX) return unacceptable("The name of the user is too long");
  if (salt.length > SALT_BYTES_MAX) return unacceptable("The salt is too long");
  if (saltedPassword.length === 0) return unacceptable("There is no password");
  return null;
}

/**
 * Changes credentials: a user whose part of the request is wrong anywhere keeps all that it has, the others get what
 * is asked for (KIP-554). `keys` are made of the upsertions that have no {@link upsertionProblem}.
 */
export function decideAlterScram(
  credentials: ScramCredentials,
  deletions: readonly ScramDeletion[],
  upsertions: readonly ScramUpsertion[],
  keys: ReadonlyMap<ScramUpsertion, ScramKeys>,
): ScramDecision {
  const refused = new Map<string, Refusal>();
  const changes = new Map<string, ScramRecord>();
  let usersLeft = USERS_MAX - credentials.userCount;
  const take = ({ user }: ScramDeletion, problem: Refusal | null, record: () => ScramRecord) => {
    if (refused.has(user)) return;
    const refusal = changes.delete(user) ? TWICE : problem;
    if (refusal === null) changes.set(user, record());
    else refused.set(user, refusal);
  };
  for (const deletion of deletions) {
    take(deletion, deletionProblem(credentials, deletion), () => ({
      type: "scram_credential_removed",
      user: deletion.user,
      mechanism: knownMechanism(deletion),
    }));
  }
  for (const upsertion of upsertions) {
    const isNew = !credentials.has(upsertion.user);
    const problem = upsertionProblem(upsertion) ?? (isNew && usersLeft <= 0 ? TOO_MANY : null);
    take(upsertion, problem, () => {
      if (isNew) usersLeft--;
      return credentialOf(upsertion, keys.get(upsertion));
    });
  }
  const outcomes = new Map<string, Refusal | null>();
  for (const user of changes.keys()) outcomes.set(user, null);
  for (const [user, refusal] of refused) outcomes.set(user, refusal);
  return { outcomes, records: [...changes.values()] };
}

const TWICE = refuse(
  ErrorCode.DUPLICATE_RESOURCE,
  "A user credential cannot be altered twice in the same request",
);
const TOO_MANY = refuse(ErrorCode.POLICY_VIOLATION, `There may be ${USERS_MAX} users.`);

function deletionProblem(credentials: ScramCredentials, deletion: ScramDeletion): Refusal | null {
  const problem = placeProblem(deletion);
  if (problem !== null || credentials.get(deletion.user, knownMechanism(deletion)) !== undefined) {
    return problem;
  }
  return refuse(
    ErrorCode.RESOURCE_NOT_FOUND,
    "Attempt to delete a user credential that does not exist",
  );
}

function placeProblem({ user, mechanism }: ScramDeletion): Refusal | null {
  if (user === "") return unacceptable("Username must not be empty");
  return scramMechanism(mechanism) === undefined
    ? refuse(ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism")
    : null;
}

function knownMechanism({ mechanism }: ScramDeletion) {
  const known = scramMechanism(mechanism);
  assert(known !== undefined, "the mechanism was checked");
  return known;
}

function credentialOf(upsertion: ScramUpsertion, keys: ScramKeys | undefined): ScramRecord {
  assert(keys !== undefined, "keys were made of each valid upsertion");
  const { user, iterations, salt } = upsertion;
  return {
    type: "scram_credential_set",
    user,
    mechanism: knownMechanism(upsertion),
    iterations,
    salt: salt.toBase64(),
    ...keys,
  };
}

function unacceptable(message: string): Refusal {
  return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, message);
}
