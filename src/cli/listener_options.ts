import { LISTENER_PROTOCOLS } from "../base/listener.ts";
import type { AdvertisedListener, ListenerDeclaration } from "../broker/mod.ts";
import {
  choice,
  duration,
  filePath,
  listenAddress,
  optional,
  type OptionKind,
  type Parsed,
  targetAddress,
  text,
} from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const DAY_MS = 86_400_000;

/** Kafka's names of listeners, which it writes in capitals. */
const LISTENER_NAME = /^[A-Za-z0-9_]{1,64}$/;

const listenerList: OptionKind<readonly ListenerDeclaration[]> = {
  placeholder: "NAME=PROTOCOL://HOST:PORT",
  valid: `a name, one of ${
    LISTENER_PROTOCOLS.join(", ")
  }, and an address, such as INTERNAL=PLAINTEXT://:19092`,
  parse: (text) =>
    parseNamed(text, (name, rest): Parsed<ListenerDeclaration> => {
      const [, scheme = "", where = ""] = /^([A-Za-z_]+):\/\/(.*)$/s.exec(rest) ?? [];
      const protocol = LISTENER_PROTOCOLS.find((each) => each === scheme.toUpperCase());
      if (protocol === undefined) return { problem: "it has no such protocol" };
      const address = listenAddress.parse(where);
      return "problem" in address ? address : { value: { name, protocol, address: address.value } };
    }),
};

const advertisedList: OptionKind<readonly AdvertisedListener[]> = {
  placeholder: "NAME=HOST:PORT",
  valid: "a listener's name and host:port or [IPv6]:port, such as INTERNAL=klite.example.com:19092",
  parse: (text) =>
    parseNamed(text, (name, rest): Parsed<AdvertisedListener> => {
      const address = targetAddress.parse(rest);
      return "problem" in address ? address : { value: { name, address: address.value } };
    }),
};

/** Reads `NAME=VALUE`, several separated by commas. */
function parseNamed<T>(text: string, parse: (name: string, rest: string) => Parsed<T>): Parsed<readonly T[]> {
  const values: T[] = [];
  for (const item of text.split(",").map((each) => each.trim()).filter((each) => each !== "")) {
    const equals = item.indexOf("=");
    const name = item.slice(0, Math.max(0, equals)).trim();
    if (!LISTENER_NAME.test(name)) return { problem: `'${item}' does not begin with a name and '='` };
    const parsed = parse(name.toUpperCase(), item.slice(equals + 1).trim());
    if ("problem" in parsed) return { problem: `'${item}': ${parsed.problem}` };
    values.push(parsed.value);
  }
  return { value: values };
}

const file = optional(filePath);

/** The options of `klite start` about its listeners and how they are encrypted. */
export const listenerOptions = {
  moreListeners: {
    flag: "listener",
    kind: listenerList,
    default: "",
    defaultWords: "none",
    group: "Network",
    help: "A listener besides the one of --listen, with its own name and protocol; may be repeated.",
    more:
      "For example `--listen :9092 --tls-cert FILE --tls-key FILE --listener INTERNAL=PLAINTEXT://127.0.0.1:19092`: TLS for all, plain text " +
      "for this machine. The protocols are Kafka's: `PLAINTEXT`, `SSL` (TLS), `SASL_PLAINTEXT` and `SASL_SSL`. Clients are told the " +
      "address of the listener that they came by. The variable takes several, separated by commas.",
    repeatable: true,
  },
  advertisedListeners: {
    flag: "advertised-listener",
    kind: advertisedList,
    default: "",
    defaultWords: "none",
    group: "Network",
    help: "What clients of the listener of that name are told to connect to; may be repeated.",
    more:
      "What `--advertised-addr` is for the listener of `--listen`. The variable takes several, separated by commas.",
    repeatable: true,
  },
  tlsCertFile: {
    flag: "tls-cert",
    kind: file,
    default: "",
    defaultWords: "none: no TLS",
    group: "Security",
    help:
      "The certificate of the TLS listeners and what leads to its authority, PEM. With it --listen speaks TLS.",
    more:
      "TLS 1.2 and 1.3 are spoken. Clients compare the name they connect to with the names in the certificate: set " +
      "`--advertised-addr` to one of these. The files of certificate, key and client authorities are watched, and used for " +
      "new connections when they have changed; if they do not fit together, those that were there stay in use, and the log says so.",
  },
  tlsKeyFile: {
    flag: "tls-key",
    kind: file,
    default: "",
    defaultWords: "none",
    group: "Security",
    help: "The private key of --tls-cert, PEM, without a passphrase.",
  },
  tlsClientCaFile: {
    flag: "tls-client-ca",
    kind: file,
    default: "",
    defaultWords: "none: clients show no certificates",
    group: "Security",
    help: "The authorities that may sign certificates of clients, PEM. With it clients have to show one.",
    more:
      "A client is then the user that its certificate names: see `--tls-principal-mapping-rules`. Certificates of other " +
      "authorities, expired ones and those not meant for clients are refused.",
  },
  tlsClientAuth: {
    flag: "tls-client-auth",
    kind: optional(choice(["none", "requested", "required"])),
    default: "",
    defaultWords: "required on SSL listeners if --tls-client-ca is set, else none",
    group: "Security",
    help: "Whether clients show a certificate over TLS: ssl.client.auth of Kafka.",
    more:
      "With `requested` a client may show none, and is then `User:ANONYMOUS`. On SASL_SSL listeners clients are asked for one " +
      "only if this is set, and are who SASL says all the same.",
  },
  tlsPrincipalMappingRules: {
    flag: "tls-principal-mapping-rules",
    kind: text("RULES", "RULE:pattern/replacement/[LU] and DEFAULT, separated by commas", () => null),
    default: "DEFAULT",
    group: "Security",
    help:
      "How a certificate's name becomes a user's: ssl.principal.mapping.rules of Kafka. The first that fits counts.",
    more:
      "`DEFAULT` takes the whole name, as in `User:CN=alice,OU=payments,O=Example`. `RULE:^CN=([^,]+),.*$/$1/L,DEFAULT` makes " +
      "it `User:alice`. Patterns are JavaScript's regular expressions, which for this purpose are Java's. A client whose name fits no rule is refused.",
  },
  tlsReloadIntervalMs: {
    flag: "tls-reload-interval",
    kind: duration(100, DAY_MS),
    default: "5s",
    group: "Security",
    help: "How often klite looks whether the files of certificate, key and authorities have changed.",
  },
} as const satisfies OptionTable;
