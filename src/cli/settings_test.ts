import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { text } from "./kinds.ts";
import { startOptions } from "./options.ts";
import type { OptionTable } from "./option.ts";
import { notYetVariables, readSettings } from "./settings.ts";

function read(flags: Record<string, string[]> = {}, variables: Record<string, string> = {}) {
  return readSettings(startOptions, new Map(Object.entries(flags)), (name) => variables[name]);
}

Deno.test("a flag goes before its variable, the variable before the default", () => {
  strictEqual(read().values.nodeId, 0);
  strictEqual(read({}, { KLITE_NODE_ID: "7" }).values.nodeId, 7);
  strictEqual(read({ "node-id": ["8"] }, { KLITE_NODE_ID: "7" }).values.nodeId, 8);
  strictEqual(read({ "node-id": ["8"] }, { KLITE_NODE_ID: "7" }).sources.nodeId, "flag");
  strictEqual(read({}, { KLITE_NODE_ID: "7" }).sources.nodeId, "variable");
});

Deno.test("an empty variable is one that is not set; an empty flag is meant", () => {
  strictEqual(read({}, { KLITE_LISTEN: "" }).values.listen.port, 9092);
  strictEqual(read({ "health-addr": [""] }, { KLITE_HEALTH_ADDR: ":8080" }).values.healthAddress, null);
});

Deno.test("the last use of a flag counts, except where uses add up", () => {
  strictEqual(read({ "node-id": ["1", "2"] }).values.nodeId, 2);
  const topics = [{ name: "a", partitions: null }, { name: "b", partitions: 3 }];
  deepStrictEqual(read({ topic: ["a", "b:3"] }).values.topics, topics);
  deepStrictEqual(read({}, { KLITE_TOPIC: "a,b:3" }).values.topics, topics);
});

Deno.test("a bad value is refused with its flag or variable, itself and what is valid", () => {
  const cases: [Record<string, string[]>, Record<string, string>, string][] = [
    [
      { "node-id": ["x"] },
      {},
      "--node-id: 'x' is not valid: not a whole number. Valid is a whole number, 0 to 2147483647.",
    ],
    [
      {},
      { KLITE_NODE_ID: "-1" },
      "KLITE_NODE_ID: '-1' is not valid: below the least, 0. Valid is a whole number, 0 to 2147483647.",
    ],
    [
      { "wal-sync-interval": ["2ms"] },
      {},
      "--wal-sync-interval: '2ms' is not valid: not a whole number of milliseconds. " +
      "Valid is a whole number of milliseconds, 0 to 10000.",
    ],
    [
      { listen: ["9092"] },
      {},
      "--listen: '9092' is not valid: a port needs a colon before it, :9092. " +
      "Valid is host:port, :port for every interface, or [IPv6]:port.",
    ],
    [
      { "advertised-addr": ["broker"] },
      {},
      "--advertised-addr: 'broker' is not valid: the port is missing. Valid is host:port or [IPv6]:port.",
    ],
    [
      { "log-level": ["verbose"] },
      {},
      "--log-level: 'verbose' is not valid: not one of them. Valid is one of debug, info, warn, error.",
    ],
    [
      { "auto-create-topics": ["yes"] },
      {},
      "--auto-create-topics: 'yes' is not valid: neither true nor false. Valid is true or false.",
    ],
    [
      { "wal-segment-max-bytes": ["1MiB"] },
      {},
      "--wal-segment-max-bytes: '1MiB' is not valid: below the least, 2 MiB. " +
      "Valid is bytes, such as 67108864 or 64MiB, 2 MiB to 1 GiB.",
    ],
    [
      { "wal-max-disk-size": ["lots"] },
      {},
      "--wal-max-disk-size: 'lots' is not valid: not a number of bytes. " +
      "Valid is bytes, such as 67108864 or 64MiB, 6 MiB to 1024 TiB, or 0 (as much as the disk has).",
    ],
    [
      { topic: ["a:0"] },
      {},
      "--topic: 'a:0' is not valid: 'a:0' needs a partition count of 1 or more behind its colon. " +
      "Valid is a topic name and perhaps a partition count, such as orders or orders:12.",
    ],
  ];
  for (const [flags, variables, expected] of cases) {
    deepStrictEqual(read(flags, variables).problems, [expected]);
  }
});

Deno.test("all bad values are reported at once", () => {
  strictEqual(read({ "node-id": ["x"], listen: ["y"] }).problems.length, 2);
});

Deno.test("every default of every option is valid", () => {
  deepStrictEqual(read().problems, []);
});

Deno.test("a secret is never printed, neither valid nor refused", () => {
  const table = {
    password: {
      flag: "password",
      kind: text("WORD", "eight letters", (word) => word.length === 8 ? null : "too short or too long"),
      default: "",
      group: "Network",
      help: "",
      secret: true,
    },
  } as const satisfies OptionTable;
  const good = readSettings(table, new Map([["password", ["hunter22"]]]), () => undefined);
  deepStrictEqual(good.printed, [{ flag: "password", value: "(secret)", source: "flag" }]);
  const bad = readSettings(table, new Map([["password", ["hunter2"]]]), () => undefined);
  strictEqual(bad.problems.join().includes("hunter2"), false);
});

Deno.test("variables of options that this version lacks are refused, empty ones are not", () => {
  const variables: Record<string, string> = { KLITE_REPLICATION_ID: "b", KLITE_REPLICATION_ADDR: "" };
  deepStrictEqual(notYetVariables((name) => variables[name]), [
    "KLITE_REPLICATION_ID: this version of klite cannot replicate to a standby yet. Unset it.",
  ]);
});
