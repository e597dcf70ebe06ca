import { duration, integer } from "./kinds.ts";
import type { OptionTable } from "./option.ts";

const DAY_MS = 86_400_000;

/** The options of `klite start` about what clients may take, whoever they are. */
export const limitOptions = {
  maxConnections: {
    flag: "max-connections",
    kind: integer(1, 1_000_000),
    default: "10000",
    group: "Network",
    help: "The most connections at a time: max.connections of Kafka. More are closed as they come.",
    more:
      "Each takes a file descriptor of the process and some kilobytes. When the system has no more descriptors the newest " +
      "connections are closed, so that the broker itself can go on.",
  },
  maxConnectionsPerAddress: {
    flag: "max-connections-per-address",
    kind: integer(1, 1_000_000),
    default: "10000",
    group: "Network",
    help: "The most connections at a time from one IP address: max.connections.per.ip of Kafka.",
  },
  maxConnectionRatePerAddress: {
    flag: "max-connection-rate-per-address",
    kind: integer(0, 1_000_000),
    default: "0",
    defaultWords: "any number",
    group: "Network",
    help: "How many connections an IP address may make in a second; 0 for any number.",
    more:
      "An address that was quiet may make as many at once as in ten seconds. Those that come too early are kept waiting and then closed " +
      "(KIP-612). Quotas named `connection_creation_rate`, set for addresses with `kafka-configs`, count instead of it.",
  },
  maxConnectionsUnauthenticated: {
    flag: "max-connections-unauthenticated",
    kind: integer(1, 1_000_000),
    default: "1000",
    group: "Security",
    help: "The most connections at a time whose clients have yet to authenticate over SASL.",
    more:
      "When there are more, one of the address with the most of them is closed, so that whoever holds many keeps " +
      "nobody else out. Until a client has authenticated it has 10 s for it, requests of at most 512 KiB, and 4 MiB of memory " +
      "together with all others like it.",
  },
  connectionsMaxReauthMs: {
    flag: "connections-max-reauth",
    kind: duration(0, 365 * DAY_MS),
    default: "0",
    defaultWords: "never",
    group: "Security",
    help:
      "After how long clients have to authenticate again over SASL: connections.max.reauth.ms of Kafka; 0 for never.",
    more:
      "Clients are told and do it in time (KIP-368). The connection of one that does not is closed with its next request. " +
      "A token of an identity provider or a delegation token ends a connection in the same way when it expires, if that is " +
      "earlier. Shorter times let go sooner of users that were removed.",
  },
} as const satisfies OptionTable;
