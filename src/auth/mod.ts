/**
 * Who clients are: the broker's side of SASL, and whom a certificate names.
 *
 * An exchange (`exchange.ts`) is a state machine over the bytes of its messages; whoever carries these has the deadlines,
 * bounds and delays. PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER are spoken as Kafka speaks them.
 *
 * What always holds:
 * - A client cannot make an exchange throw, and what it costs is bounded by the size of its messages.
 * - Who is a user and who is not cannot be told from the answers: a name that is no user's gets a salt that is the same
 *   each time and looks like any other, and fails where a wrong password does (`scram/decoys.ts`).
 * - Secrets are compared in a time that does not depend on them, and are in no reason, message, event or error.
 * - No password is kept that can be kept as what SCRAM makes of it: PLAIN is checked against that, too.
 * - A token is believed for its signature, by keys and algorithms that the operator's side has chosen, never for what
 *   its header says of them.
 *
 * Users of flags count before those of the file, and these before those that clients have made. Files are read again
 * when they have changed (`watched_file.ts`). What only brokers with SASL need is loaded when it is asked for.
 */
import type { PeerCertificate } from "../io/network.ts";
import type { Principal } from "../base/principal.ts";
import type { AuthenticatorIo, AuthenticatorSettings, AuthenticatorSources } from "./open_authenticator.ts";
import type { Authenticator } from "./exchange.ts";

export type { AuthenticatorIo, AuthenticatorSettings, AuthenticatorSources } from "./open_authenticator.ts";
export type { TokenCredential, TokenSource, UserSource } from "./credentials.ts";
export type { Authenticator, SaslExchange, SaslStep, SaslSuccess } from "./exchange.ts";
export { SASL_MECHANISMS, type SaslMechanism, type ScramMechanism } from "./mechanisms.ts";
export type { ScramCredential, ScramKeys } from "./scram/keys.ts";

/** Who shows a certificate, or none; `null`: nobody whom the rules know. */
export type CertificatePrincipals = (certificate: PeerCertificate | null) => Principal | null;

/**
 * Makes users of certificates by rules in Kafka's syntax of ssl.principal.mapping.rules.
 * @throws KliteError BAD_CONFIG when there is no sense in them.
 */
export async function openCertificatePrincipals(rules: string): Promise<CertificatePrincipals> {
  const { certificatePrincipals } = await import("./certificate_principal.ts");
  return certificatePrincipals(rules);
}

/** @throws KliteError for files that cannot be read, or say what makes no sense. */
export async function openAuthenticator(
  settings: AuthenticatorSettings,
  sources: AuthenticatorSources,
  io: AuthenticatorIo,
): Promise<Authenticator> {
  const { openSaslAuthenticator } = await import("./open_authenticator.ts");
  return await openSaslAuthenticator(settings, sources, io);
}
