/**
 * Users that clients have made for SCRAM (KIP-554), and how they are changed.
 *
 * A credential is what a broker needs to check a password, and never the password: whoever reads it cannot log in
 * with it. A user has one for each mechanism at most, and is there as long as it has one.
 */
export {
  decideAlterScram,
  type ScramDecision,
  type ScramDeletion,
  type ScramKeys,
  type ScramUpsertion,
  upsertionProblem,
} from "./decide_alter.ts";
export type { ScramCredential, ScramMechanism } from "./records.ts";
export { scramMechanism, scramMechanismCode } from "./scram_codes.ts";
export type { ScramCredentials } from "./scram_credentials.ts";
