import type { Command } from "../commands.ts";
import {
  groupsOptions,
  inspectOptions,
  producersOptions,
  recordsOptions,
  sourceOptions,
  topicsOptions,
  transactionsOptions,
} from "./options.ts";

/**
 * Not written as an import: what is, belongs to the program from its first moment, and a broker at rest would carry it.
 */
type Inspect = typeof import("./mod.ts");
const INSPECT = new URL("./mod.ts", import.meta.url).href;

async function load(): Promise<Inspect> {
  return await import(INSPECT);
}

/** What all but the bare command say. */
const SOURCES = [
  "With --addr a running broker is asked. Without it the data directory or the bucket is looked at,",
  "of a stopped broker or beside a running one. Both answer the same. Nothing is changed.",
];

export const inspectCommands = [
  {
    name: "inspect",
    usage: "klite inspect [flags]",
    summary: "Show what a data directory or a bucket holds, and check it; exit code 0 or 10.",
    notes: [
      "It changes nothing and locks nothing: a broker may be at work on what it reads, or none.",
      "Exit code 10 says that something is damaged or missing; what, the answer says.",
      "'klite inspect topics', 'records', 'groups', 'transactions', 'producers', 'users', 'acls', 'quotas'",
      "and 'tokens' show these, and ask a running broker, too.",
    ],
    options: inspectOptions,
    examples: [
      { line: "klite inspect --data-dir /var/lib/klite", does: "topics, offsets, objects and the log" },
      { line: "klite inspect --s3-bucket backups", does: "the clusters in a bucket" },
      { line: "klite inspect --s3-bucket backups --verify -o json", does: "all checksums, for a script" },
    ],
    run: async (given, world) => (await load()).inspect(given, world),
  },
  {
    name: "inspect topics",
    usage: "klite inspect topics [flags]",
    summary: "Show topics: partitions, offsets and sizes.",
    notes: SOURCES,
    options: topicsOptions,
    examples: [
      { line: "klite inspect topics --addr localhost:9092", does: "of a running broker" },
      { line: "klite inspect topics --data-dir /var/lib/klite --topic orders", does: "also by tier" },
    ],
    run: async (given, world) => (await load()).inspectTopics(given, world),
  },
  {
    name: "inspect records",
    usage: "klite inspect records --topic NAME [flags]",
    summary: "Show records at an offset or a time: key, value and headers.",
    notes: [
      ...SOURCES,
      "Records of open and aborted transactions are shown, too, and what ended them. What is damaged is",
      "named and passed over; the exit code is then 10.",
    ],
    options: recordsOptions,
    examples: [
      { line: "klite inspect records -t orders --addr localhost:9092", does: "the last 10" },
      { line: "klite inspect records -t orders -p 3 --offset 1000 -n 5", does: "from there on" },
      { line: "klite inspect records -t orders --time 2026-11-21T17:00:00Z", does: "since then" },
      { line: "klite inspect records -t orders --format json -o json", does: "a line of JSON for each" },
    ],
    run: async (given, world) => (await load()).inspectRecords(given, world),
  },
  {
    name: "inspect groups",
    usage: "klite inspect groups [flags]",
    summary: "Show groups; of one, members, assignments, offsets and lag.",
    notes: SOURCES,
    options: groupsOptions,
    examples: [
      { line: "klite inspect groups --addr localhost:9092", does: "all of them" },
      { line: "klite inspect groups --addr localhost:9092 -g billing", does: "how far it is" },
    ],
    run: async (given, world) => (await load()).inspectGroups(given, world),
  },
  {
    name: "inspect transactions",
    usage: "klite inspect transactions [flags]",
    summary: "Show open transactions.",
    notes: SOURCES,
    options: transactionsOptions,
    examples: [
      { line: "klite inspect transactions --addr localhost:9092", does: "those that are open" },
      { line: "klite inspect transactions --all -o json", does: "all ids, for a script" },
    ],
    run: async (given, world) => (await load()).inspectTransactions(given, world),
  },
  {
    name: "inspect producers",
    usage: "klite inspect producers --topic NAME [flags]",
    summary: "Show the producers that partitions remember.",
    notes: SOURCES,
    options: producersOptions,
    examples: [
      {
        line: "klite inspect producers -t orders --addr localhost:9092",
        does: "and their open transactions",
      },
    ],
    run: async (given, world) => (await load()).inspectProducers(given, world),
  },
  {
    name: "inspect users",
    usage: "klite inspect users [flags]",
    summary: "Show the users that clients have made for SCRAM; never their keys.",
    notes: [...SOURCES, "Those of --sasl-user and --sasl-users-file are not among them."],
    options: sourceOptions,
    examples: [{ line: "klite inspect users --data-dir /var/lib/klite", does: "mechanisms and iterations" }],
    run: async (given, world) => (await load()).inspectUsers(given, world),
  },
  {
    name: "inspect acls",
    usage: "klite inspect acls [flags]",
    summary: "Show the ACLs.",
    notes: SOURCES,
    options: sourceOptions,
    examples: [{ line: "klite inspect acls --data-dir /var/lib/klite", does: "who may do what" }],
    run: async (given, world) => (await load()).inspectAcls(given, world),
  },
  {
    name: "inspect quotas",
    usage: "klite inspect quotas [flags]",
    summary: "Show the quotas of users, client ids and addresses.",
    notes: SOURCES,
    options: sourceOptions,
    examples: [{ line: "klite inspect quotas --addr localhost:9092", does: "of a running broker" }],
    run: async (given, world) => (await load()).inspectQuotas(given, world),
  },
  {
    name: "inspect tokens",
    usage: "klite inspect tokens [flags]",
    summary: "Show the delegation tokens; never their secrets.",
    notes: [
      ...SOURCES,
      "A running broker tells of tokens to those alone who have authenticated, which this command does not.",
    ],
    options: sourceOptions,
    examples: [{
      line: "klite inspect tokens --data-dir /var/lib/klite",
      does: "whose they are, and until when",
    }],
    run: async (given, world) => (await load()).inspectTokens(given, world),
  },
] as const satisfies readonly Command[];
