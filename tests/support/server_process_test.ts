import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { ServerProcess } from "./server_process.ts";

/** Runs `script` in a shell as the server; hands over the process once its log shows that it has begun. */
async function withServer(script: string, use: (server: ServerProcess) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = ServerProcess.spawn({
    command: ["sh", "-c", `echo begun; ${script}`],
    logFile: join(folder, "log"),
  });
  try {
    while (!(await logOf(server)).includes("begun")) await new Promise((resolve) => setTimeout(resolve, 2));
    await use(server);
  } finally {
    await server.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

async function logOf(server: ServerProcess): Promise<string> {
  try {
    return await Deno.readTextFile(server.logFile);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

Deno.test("a running process is measured and ends on SIGTERM", async () => {
  await withServer("exec sleep 60", async (server) => {
    const residentBytes = server.residentBytes();
    ok(residentBytes > 0);
    ok(server.peakResidentBytes() >= residentBytes);
    ok(server.cpuSeconds() >= 0);
    server.assertAlive();
    equal((await server.stop()).code, 128 + 15);
    match(server.log(), /begun/);
  });
});

Deno.test("an ended process is told with its code", async () => {
  await withServer("exit 4", async (server) => {
    deepEqual(await server.exited, { code: 4, signal: null });
    throws(() => server.assertAlive(), /ended with code 4/);
    deepEqual(await server.stop(), { code: 4, signal: null });
  });
});

Deno.test("a process that ignores SIGTERM is killed and reported", async () => {
  await withServer("trap '' TERM; echo deaf; while :; do sleep 0.05; done", async (server) => {
    while (!server.log().includes("deaf")) await new Promise((resolve) => setTimeout(resolve, 2));
    await rejects(server.stop(100), /no end within 100 ms of SIGTERM/);
    equal(server.exit === null, false);
  });
});
