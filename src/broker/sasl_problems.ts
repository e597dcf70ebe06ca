import type { BrokerConfig, ConfigProblem } from "./config.ts";

/** What is wrong with the settings of SASL together. */
export function saslProblems(config: BrokerConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const complain = (setting: ConfigProblem["setting"], problem: string) =>
    void problems.push({ setting, problem });
  const { saslEnabled, saslMechanisms, saslUser, saslPassword, saslPasswordFile, oauthJwks } = config;
  if (saslUser !== null && saslPassword === null && saslPasswordFile === null) {
    complain("saslUser", "has no password: give it one with --sasl-password-file");
  }
  if (saslPassword !== null && saslPasswordFile !== null) {
    complain("saslPasswordFile", "is of no use beside --sasl-password");
  }
  for (const setting of ["saslPassword", "saslPasswordFile"] as const) {
    if (config[setting] !== null && saslUser === null) complain(setting, "is of no use without --sasl-user");
  }
  const isOauth = saslMechanisms.includes("OAUTHBEARER");
  if (saslEnabled && isOauth && oauthJwks === null) {
    complain("oauthJwks", "is needed for OAUTHBEARER: tokens are verified with its keys");
  }
  if (oauthJwks !== null && !isOauth) {
    complain("oauthJwks", "is of no use without OAUTHBEARER in --sasl-mechanism");
  }
  if (oauthJwks === null && (config.oauthIssuer !== null || config.oauthAudiences.length > 0)) {
    complain(
      config.oauthIssuer === null ? "oauthAudiences" : "oauthIssuer",
      "is of no use without --oauth-jwks",
    );
  }
  // Whoever sets these believes that klite is protected.
  for (const setting of ["saslUser", "saslUsersFile", "oauthJwks"] as const) {
    if (config[setting] !== null && !saslEnabled) complain(setting, "is of no use without --sasl-enabled");
  }
  return problems;
}
