import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readArguments } from "./arguments.ts";
import { healthOptions, startOptions } from "./options.ts";

const START = Object.values(startOptions);

function given(args: readonly string[]): Record<string, readonly string[]> {
  const read = readArguments(args, START);
  deepStrictEqual(read.problems, [], args.join(" "));
  return Object.fromEntries(read.given);
}

function problem(args: readonly string[]): string {
  const { problems } = readArguments(args, START);
  strictEqual(problems.length, 1, problems.join("\n"));
  return problems[0] ?? "";
}

Deno.test("a value follows its flag behind a space or an equals sign, after one dash or two", () => {
  for (const args of [["--listen=:1"], ["--listen", ":1"], ["-listen=:1"], ["-listen", ":1"]]) {
    deepStrictEqual(given(args), { listen: [":1"] });
  }
  deepStrictEqual(given(["--cluster-id=a=b"]), { "cluster-id": ["a=b"] });
  deepStrictEqual(given(["--health-addr="]), { "health-addr": [""] });
  deepStrictEqual(given(["--health-addr", ""]), { "health-addr": [""] });
});

Deno.test("switches are bare or have their value behind an equals sign", () => {
  deepStrictEqual(given(["--auto-create-topics", "--ack-before-sync=false", "-accept-data-loss"]), {
    "auto-create-topics": ["true"],
    "ack-before-sync": ["false"],
    "accept-data-loss": ["true"],
  });
  strictEqual(
    problem(["--auto-create-topics", "false"]),
    "Unexpected argument 'false'. To set a switch, write --auto-create-topics=false.",
  );
});

Deno.test("every use of a flag is kept, in order", () => {
  deepStrictEqual(given(["--topic", "a", "--listen", ":1", "--topic=b:3"]), {
    topic: ["a", "b:3"],
    listen: [":1"],
  });
});

Deno.test("a value may begin with a dash unless it is a flag that is known", () => {
  deepStrictEqual(given(["--node-id", "-1"]), { "node-id": ["-1"] });
  strictEqual(
    problem(["--listen", "--data-dir=x"]),
    "--listen needs a value: host:port, :port for every interface, or [IPv6]:port.",
  );
  strictEqual(problem(["--data-dir"]), "--data-dir needs a value: a directory.");
});

Deno.test("an unknown flag is refused with the nearest one, and its value is not a second mistake", () => {
  strictEqual(problem(["--lisen", ":1"]), "Unknown flag --lisen. Did you mean --listen?");
  strictEqual(problem(["-data_dir=x"]), "Unknown flag --data_dir. Did you mean --data-dir?");
  strictEqual(problem(["--bootstrap-server", "x:1"]), "Unknown flag --bootstrap-server.");
});

Deno.test("a flag that only other versions have is refused as such", () => {
  strictEqual(
    problem(["--replication-addr=:9093"]),
    "--replication-addr: this version of klite cannot replicate to a standby yet. Start it without this flag.",
  );
});

Deno.test("stray arguments are refused", () => {
  for (const stray of ["health", "-", "--", "---x"]) {
    strictEqual(
      problem([stray]),
      `Unexpected argument '${stray}'. A command comes first and its flags follow.`,
    );
  }
});

Deno.test("help and version are asked for in the usual ways", () => {
  for (const word of ["--help", "-help", "-h"]) {
    strictEqual(readArguments(["--listen", ":1", word], START).help, true);
  }
  for (const word of ["--version", "-v"]) strictEqual(readArguments([word], START).version, true);
  // As a value it is a value.
  strictEqual(readArguments(["--data-dir=--help"], START).help, false);
});

Deno.test("a letter stands for its flag", () => {
  const read = readArguments(["-o", "json"], Object.values(healthOptions));
  deepStrictEqual(Object.fromEntries(read.given), { output: ["json"] });
});
