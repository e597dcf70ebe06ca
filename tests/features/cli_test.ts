/** The command line as a user meets it: main.ts as a process, with the permissions of the start task. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startCommand } from "../support/broker_process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs klite to its end, without any variable of its own but those given. */
async function klite(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return await run([...await startCommand(["--no-prompt"]), ...args], env);
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: ROOT,
    clearEnv: true,
    env: { ...withoutKlite(Deno.env.toObject()), ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

function withoutKlite(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("KLITE_")));
}

/** A port of 127.0.0.1 that nobody listens on. */
function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("--help explains every flag on stdout and exits with 0", async () => {
  const { code, out, err } = await klite(["--help"]);
  assert.equal(code, 0);
  assert.equal(err, "");
  for (const flag of ["--listen", "--data-dir", "--wal-sync-interval", "--topic", "--accept-data-loss"]) {
    assert.ok(out.includes(`\n  ${flag}`), flag);
  }
  assert.match(out, /Examples:/);
});

Deno.test("--version says what runs", async () => {
  const { code, out } = await klite(["--version"]);
  assert.equal(code, 0);
  assert.match(out, /^klite \d+\.\d+\.\d+ \(deno \d/);
  const json = await klite(["version", "-o", "json"]);
  assert.match(JSON.parse(json.out).version, /^\d+\.\d+\.\d+$/);
});

Deno.test("a mistyped flag is refused with the nearest one and exit code 2", async () => {
  const { code, out, err } = await klite(["--lisen", ":9092"]);
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.equal(err, "klite: Unknown flag --lisen. Did you mean --listen?\nTry 'klite start --help'.\n");
});

Deno.test("bad values of flags and variables are all named, with what is valid", async () => {
  const { code, err } = await klite(["-node-id", "one"], { KLITE_LISTEN: "9092" });
  assert.equal(code, 2);
  assert.match(
    err,
    /klite: --node-id: 'one' is not valid: not a whole number\. Valid is a whole number, 0 to/,
  );
  assert.match(err, /klite: KLITE_LISTEN: '9092' is not valid: a port needs a colon before it, :9092\./);
});

Deno.test("what this version cannot do is refused, from a flag and from a variable", async () => {
  const flag = await klite(["--replication-addr=:9093"]);
  assert.equal(flag.code, 2);
  assert.match(flag.err, /--replication-addr: this version of klite cannot replicate to a standby yet/);
  const variable = await klite([], { KLITE_REPLICATION_ADDR: ":9093" });
  assert.equal(variable.code, 2);
  assert.match(
    variable.err,
    /KLITE_REPLICATION_ADDR: this version of klite cannot replicate to a standby yet/,
  );
});

Deno.test("settings that do not fit together are refused before anything is opened", async () => {
  const { code, err } = await klite(["--chunk-pool-memory=16MiB", "--data-dir=never-made"]);
  assert.equal(code, 2);
  assert.match(err, /--chunk-pool-memory must hold 2 log files/);
  await assert.rejects(Deno.stat(`${ROOT}/never-made`), Deno.errors.NotFound);
});

Deno.test("health against nothing is exit code 10, in words and in JSON", async () => {
  const port = unusedPort();
  const words = await klite(["health"], { KLITE_LISTEN: `127.0.0.1:${port}` });
  assert.equal(words.code, 10);
  assert.equal(words.out, `not ready: 127.0.0.1:${port}: nothing answers there\n`);
  const json = await klite(["health", "--health-addr", `127.0.0.1:${port}`, "-o", "json"]);
  assert.equal(json.code, 10);
  const report = JSON.parse(json.out);
  assert.equal(report.ready, false);
  assert.equal(report.asked, "http");
});
