import { APIS } from "../../../src/apis/mod.ts";

/** Where klite's answers to Kafka's tools are not Kafka's, and why. */

/** What is compared all the same, of one run. */
export interface Unlike {
  readonly reason: string;
  /** Lines that must be as of Kafka; the others are Kafka's alone. */
  readonly compared: RegExp;
}

const INTERNAL_TOPICS = "klite keeps offsets and transactions as metadata, not in topics";

/** APIs that klite serves, as the tool prints them. */
const SERVED = new RegExp(`\\((?:${APIS.map(({ key }) => key).join("|")})\\): `);

/** By the title of the run. */
export const UNLIKE: ReadonlyMap<string, Unlike> = new Map([
  ["features describe", {
    reason: "klite is one node without KRaft, and tells only of features that it has",
    compared: /^Feature: (group|transaction)\.version /,
  }],
  ["topics --list", { reason: INTERNAL_TOPICS, compared: /^(?!__)/ }],
  ["topics --describe --topics-with-overrides", { reason: INTERNAL_TOPICS, compared: /^(?!Topic: __)/ }],
  ["configs --describe --entity-type topics", {
    reason: INTERNAL_TOPICS,
    compared: /^Dynamic configs for topic (?!__)|^retention|^segment.bytes=2000000/,
  }],
  ["topics --create --topic badly --replication-factor 3", {
    reason: "klite has its own words for it",
    compared: /^exit code/,
  }],
  ["log-dirs --describe --topic-list tools --broker-list 1", {
    reason: "Kafka counts deleted records until their file goes",
    compared: /^[QR]/,
  }],
  ["metadata-quorum describe --status", {
    reason: "klite has no controller that listens elsewhere",
    compared: /^(?!CurrentVoters)/,
  }],
  ["broker-api-versions ", { reason: "klite names what it serves", compared: SERVED }],
]);
