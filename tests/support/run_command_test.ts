import { equal, rejects } from "node:assert/strict";
import { CommandError, onPath, runCommand } from "./run_command.ts";

Deno.test("a program's output comes back, its input goes in", async () => {
  const input = new Uint8Array(200_000).fill(65);
  const { stdout } = await runCommand(["cat"], { stdin: input });
  equal(stdout.length, input.length);
});

Deno.test("a program that fails is told with its code and its last words", async () => {
  await rejects(runCommand(["sh", "-c", "echo no room >&2; exit 3"]), {
    name: "CommandError",
    message: /ended with code 3: no room$/,
  });
});

Deno.test("a program that does not end in time is killed", async () => {
  await rejects(runCommand(["sleep", "60"], { timeoutMs: 50 }), /took longer than 50 ms/);
});

Deno.test("a program that ends without reading its input is no error", async () => {
  await runCommand(["true"], { stdin: new Uint8Array(1 << 20) });
});

Deno.test("a program that is not there is told by name", async () => {
  await rejects(
    runCommand(["no-such-program-here"]),
    new CommandError("no-such-program-here is not installed"),
  );
  equal(await onPath("no-such-program-here"), false);
  equal(await onPath("sh"), true);
});
