import { duration, optional, text } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const CENTURY_MS = 100 * 365 * 86_400_000;

/** The options of `klite start` about delegation tokens. */
export const tokenOptions = {
  tokenSecretFile: {
    flag: "delegation-token-secret-file",
    kind: optional(text("FILE", "a file", () => null)),
    default: "",
    defaultWords: "none: there are no delegation tokens",
    group: "Security",
    help:
      "A file with the secret that delegation tokens are made with: delegation.token.secret.key of Kafka. Whoever " +
      "knows it can log in with any token.",
    more:
      "A token (KIP-48) lets others log in as its owner for a while, over SCRAM. It is made by clients that have " +
      "authenticated, for example with `kafka-delegation-tokens`. Line ends behind the secret do not count. With another secret " +
      "the tokens that there are cannot be used any more.",
  },
  tokenMaxLifetimeMs: {
    flag: "delegation-token-max-lifetime",
    kind: duration(1, CENTURY_MS),
    default: "168h",
    group: "Security",
    help: "How long a delegation token can be renewed: delegation.token.max.lifetime.ms of Kafka.",
  },
  tokenExpiryMs: {
    flag: "delegation-token-expiry-time",
    kind: duration(1, CENTURY_MS),
    default: "24h",
    group: "Security",
    help:
      "How long a delegation token is good for without being renewed: delegation.token.expiry.time.ms of Kafka.",
  },
} as const satisfies OptionTable;
