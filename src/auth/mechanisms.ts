/** What klite can authenticate with, by Kafka's names. */
export const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;
export type SaslMechanism = typeof SASL_MECHANISMS[number];

export type ScramMechanism = Extract<SaslMechanism, `SCRAM-${string}`>;

/** What a client is told whose credentials do not fit, in Kafka's words, which say nothing of why. */
export function invalidCredentials(mechanism: SaslMechanism): string {
  return `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
}

/** What one is told who is somebody and wants to be somebody else, in Kafka's words. */
export const OTHER_AUTHORIZATION_ID =
  "Authentication failed: Client requested an authorization id that is different from username";
