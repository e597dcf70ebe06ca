import { match, strictEqual } from "node:assert/strict";
import { inspectCli } from "../../../tests/support/inspect_cli.ts";
import { inspectCommands } from "./commands.ts";

Deno.test("each command of two words has its help, and one that is mistyped is told the nearest", async () => {
  for (const { name, summary } of inspectCommands.slice(1)) {
    const second = name.slice("inspect ".length);
    const help = await inspectCli([second, "--help"]);
    strictEqual(help.code, 0);
    strictEqual(help.out.startsWith(`${summary}\n\nUsage: klite ${name}`), true);
    for (const line of help.out.split("\n")) strictEqual(line.length <= 100, true, line);
    const mistyped = await inspectCli([`${second}s`]);
    strictEqual(mistyped.code, 2);
    match(mistyped.err, new RegExp(`Unknown command '${name}s'\\. Did you mean '${name}'\\?`));
  }
});

Deno.test("a flag of theirs that is mistyped is told the nearest", async () => {
  const { code, err } = await inspectCli(["records", "--ofset=1"]);
  strictEqual(code, 2);
  match(err, /Unknown flag --ofset\. Did you mean --offset\?\nTry 'klite inspect records --help'\.\n/);
});
