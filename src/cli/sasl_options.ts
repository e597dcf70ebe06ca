import { Secret } from "../base/secret.ts";
import { SASL_MECHANISMS, type SaslMechanism } from "../broker/mod.ts";
import { boolean, optional, type OptionKind, text } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const mechanismList: OptionKind<readonly SaslMechanism[]> = {
  placeholder: "MECHANISMS",
  valid: `one or more of ${SASL_MECHANISMS.join(", ")}, separated by commas`,
  parse: (text) => {
    const mechanisms = new Set<SaslMechanism>();
    for (const item of listed(text)) {
      const mechanism = SASL_MECHANISMS.find((each) => each === item.toUpperCase());
      if (mechanism === undefined) return { problem: `'${item}' is none of them` };
      mechanisms.add(mechanism);
    }
    return mechanisms.size === 0 ? { problem: "there is none" } : { value: [...mechanisms] };
  },
};

const secret: OptionKind<Secret | null> = {
  placeholder: "SECRET",
  valid: "any text",
  parse: (text) => ({ value: text === "" ? null : new Secret(text) }),
};

const nameList: OptionKind<readonly string[]> = {
  placeholder: "NAMES",
  valid: "names, separated by commas",
  parse: (text) => ({ value: listed(text) }),
};

const file = optional(text("FILE", "a file's path", () => null));

/** The options of `klite start` about how clients say who they are over SASL. */
export const saslOptions = {
  saslEnabled: {
    flag: "sasl-enabled",
    kind: boolean,
    default: "false",
    group: "Security",
    help: "Clients of --listen have to authenticate over SASL.",
    more:
      "The listener is then SASL_PLAINTEXT, or SASL_SSL with `--tls-cert`. Users are those of `--sasl-user` and `--sasl-users-file`, and those " +
      "that are made with `kafka-configs --alter --add-config 'SCRAM-SHA-256=[password=SECRET]' --entity-type users`, which are kept in the log " +
      "without their passwords. What users may do is up to `--authorizer`.",
  },
  saslMechanisms: {
    flag: "sasl-mechanism",
    kind: mechanismList,
    default: "SCRAM-SHA-256,SCRAM-SHA-512",
    group: "Security",
    help: "How clients may authenticate: sasl.enabled.mechanisms of Kafka.",
    more:
      "With SCRAM no password goes over the connection. With `PLAIN` it does, as it is: use it over TLS alone. All users can come by " +
      "each of them. `OAUTHBEARER` takes JSON Web Tokens and needs `--oauth-jwks`. Delegation tokens are used over SCRAM.",
  },
  saslUser: {
    flag: "sasl-user",
    kind: optional(text("NAME", "a name", (name) => name.includes("\0") ? "it has a NUL character" : null)),
    default: "",
    defaultWords: "none",
    group: "Security",
    help:
      "A user that there is from the start, to make others with. It needs --sasl-password-file or --sasl-password.",
  },
  saslPassword: {
    flag: "sasl-password",
    kind: secret,
    default: "",
    defaultWords: "none",
    group: "Security",
    help:
      "The password of --sasl-user. Other users of the machine can see it: better use --sasl-password-file.",
    secret: true,
  },
  saslPasswordFile: {
    flag: "sasl-password-file",
    kind: file,
    default: "",
    defaultWords: "none",
    group: "Security",
    help: "A file with the password of --sasl-user. Line ends behind it do not count.",
  },
  saslUsersFile: {
    flag: "sasl-users-file",
    kind: file,
    default: "",
    defaultWords: "none",
    group: "Security",
    help: "A file with more users, one line of name:password each. It is read again when it has changed.",
    more:
      "Empty lines and those that begin with `#` do not count. There can be 1,000 of them; they count before users of the same name that clients have made. " +
      "Who is taken out of the file cannot log in again; connections that there are go on until they end, or have to authenticate again.",
  },
  oauthJwks: {
    flag: "oauth-jwks",
    kind: optional(
      text("PLACE", "a file's path, or a URL with https:// (http:// for this machine)", placeProblem),
    ),
    default: "",
    defaultWords: "none",
    group: "Security",
    help:
      "The keys that tokens of OAUTHBEARER are verified with, a JSON Web Key Set: a file, or a URL of the identity provider's.",
    more:
      "A file is read again when it has changed. What stands at a URL is asked for once an hour, and when a token has a key that it did not have, " +
      "at most every 30 s; when it cannot be had klite goes on with what it had. Tokens have to be signed with a key of the set by RS, PS or ES with 256, 384 or 512, " +
      "or EdDSA; `alg: none` and HS are never believed. Clocks may differ by 30 s. A connection ends with its token, unless the client authenticates again.",
  },
  oauthIssuer: {
    flag: "oauth-issuer",
    kind: optional(text("URL", "what tokens have in 'iss'", () => null)),
    default: "",
    defaultWords: "whoever has the keys",
    group: "Security",
    help: "Who must have issued a token: sasl.oauthbearer.expected.issuer of Kafka.",
  },
  oauthAudiences: {
    flag: "oauth-audience",
    kind: nameList,
    default: "",
    defaultWords: "tokens must be for nobody in particular",
    group: "Security",
    help:
      "Whom a token must be for, one of these: sasl.oauthbearer.expected.audience of Kafka. Without it tokens that name an audience are refused.",
  },
  oauthPrincipalClaim: {
    flag: "oauth-principal-claim",
    kind: text("CLAIM", "a claim's name", (claim) => claim === "" ? "empty" : null),
    default: "sub",
    group: "Security",
    help: "The claim of a token that names the user: sasl.oauthbearer.sub.claim.name of Kafka.",
  },
} as const satisfies OptionTable;

function listed(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** What is fetched decides who may come in: nobody on the way may change it. */
function placeProblem(place: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  const url = URL.parse(place);
  if (url === null) return "not a URL";
  if (url.username !== "" || url.password !== "") return "credentials do not belong here";
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return scheme === "https" || (scheme === "http" && isHere) ? null : "it does not begin with https://";
}
