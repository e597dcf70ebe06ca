import { match, strictEqual } from "node:assert/strict";
import { KliteError } from "../base/klite_error.ts";
import { runCli } from "./mod.ts";
import { ProcessInMemory } from "./testing/process_in_memory.ts";

async function run(args: readonly string[], failure: unknown = new Error("not opened in this test")) {
  const process = new ProcessInMemory(args);
  const refuse = () => Promise.reject(failure);
  const code = await runCli({
    process,
    openLog: refuse,
    openDoctor: refuse,
    openBroker: refuse,
    openProbe: refuse,
    openInspection: refuse,
  });
  return { code, out: process.out, err: process.err };
}

Deno.test("help is data: it goes to stdout, for the program and for each command", async () => {
  for (const args of [["--help"], ["help"], ["-h"], ["--listen=:1", "--help"]]) {
    const { code, out, err } = await run(args);
    strictEqual(code, 0);
    match(out, /Commands:[^]*--listen ADDRESS/);
    strictEqual(err, "");
  }
  for (const args of [["health", "--help"], ["help", "health"]]) {
    const { out } = await run(args);
    match(out, /^Ask a running broker[^]*--timeout DURATION[^]*\[2s\]/);
  }
});

Deno.test("no line of help is wider than a terminal", async () => {
  const { out } = await run(["--help"]);
  for (const line of out.split("\n")) strictEqual(line.length <= 100, true, line);
});

Deno.test("the version is printed in text and in JSON", async () => {
  match((await run(["--version"])).out, /^klite \d+\.\d+\.\d+ \(test 1\.0\)\n$/);
  match((await run(["version"])).out, /^klite \d/);
  strictEqual(JSON.parse((await run(["version", "-o", "json"])).out).runtime, "test 1.0");
});

Deno.test("an unknown command or flag is refused with the nearest one and exit code 2", async () => {
  const unknownCommand = await run(["healt"]);
  strictEqual(unknownCommand.code, 2);
  match(unknownCommand.err, /Unknown command 'healt'\. Did you mean 'health'\?/);
  strictEqual((await run(["help", "nothing"])).code, 2);
  const unknownFlag = await run(["health", "--timout=1s"]);
  strictEqual(unknownFlag.code, 2);
  match(unknownFlag.err, /Unknown flag --timout\. Did you mean --timeout\?\nTry 'klite health --help'\.\n/);
  strictEqual(unknownFlag.out, "");
});

Deno.test("an operator's error is one sentence, a fault shows where it is", async () => {
  const told = await run(["health"], new KliteError("NOT_FOUND", "there is no such thing"));
  strictEqual(told.code, 1);
  strictEqual(told.err, "klite: there is no such thing\n");
  const fault = await run(["health"], new TypeError("oops"));
  strictEqual(fault.code, 1);
  match(fault.err, /^klite: TypeError: oops\n\s+at /);
});
