/** A broker's life as its operator sees it: log lines, health, signals and exit codes of the real process. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startCommand } from "../support/broker_process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const [DENO, ...RUN_MAIN] = await startCommand(["--no-prompt"]);

type LogLine = Readonly<Record<string, unknown>>;

/** A klite that logs as JSON, with its log read as it is written. */
class Klite {
  readonly lines: LogLine[] = [];
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #onLine: () => void = () => {};
  #ended = false;

  constructor(flags: readonly string[], program = "main.ts") {
    this.#child = new Deno.Command(DENO, {
      args: [...RUN_MAIN.with(-1, program), ...flags],
      cwd: ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.status = this.#child.status;
    this.#reading = this.#read();
  }

  /** The first line with this message; throws when the process ends without one. */
  async line(message: string): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find((line) => line.message === message);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`klite ended without '${message}': ${JSON.stringify(this.lines)}`);
      const next = Promise.withResolvers<void>();
      this.#onLine = next.resolve;
      await next.promise;
    }
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async end(signal: Deno.Signal): Promise<number> {
    this.signal(signal);
    await this.#reading;
    return (await this.status).code;
  }

  async ended(): Promise<number> {
    await this.#reading;
    return (await this.status).code;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) this.lines.push(part.startsWith("{") ? JSON.parse(part) : { message: part });
      this.#onLine();
    }
    this.#ended = true;
    this.#onLine();
  }
}

async function health(...flags: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...RUN_MAIN, "health", ...flags],
    cwd: ROOT,
    stdin: "null",
  }).output();
  return { code, out: new TextDecoder().decode(stdout) };
}

async function withDirectory(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "klite-start-stop-" });
  try {
    await test(`${dir}/data`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a broker that serves says so in its log and its health, and a signal ends it with 0", async () => {
  await withDirectory(async (dir) => {
    const klite = new Klite(["--listen=127.0.0.1:0", "--health-addr=127.0.0.1:0", "--data-dir", dir]);
    const listen = String((await klite.line("klite is ready")).listen);
    const healthAddress = String((await klite.line("health is answered")).address);

    const overKafka = await health("--addr", listen);
    assert.equal(overKafka.code, 0, overKafka.out);
    assert.match(overKafka.out, /^ready: /);
    const overHttp = await health("--health-addr", healthAddress, "-o", "json");
    assert.equal(overHttp.code, 0, overHttp.out);
    assert.equal(JSON.parse(overHttp.out).asked, "http");

    assert.equal(await klite.end("SIGTERM"), 0);
    assert.equal((await klite.line("klite stops")).reason, "SIGTERM");
    assert.equal(klite.lines.at(-1)?.message, "klite has stopped");
  });
});

Deno.test("a second start finds the same cluster, and SIGINT ends it as SIGTERM does", async () => {
  await withDirectory(async (dir) => {
    const first = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir]);
    const { clusterId } = await first.line("klite is ready");
    assert.equal(await first.end("SIGINT"), 0);
    const second = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir]);
    assert.equal((await second.line("klite is ready")).clusterId, clusterId);
    assert.equal(await second.end("SIGTERM"), 0);
  });
});

Deno.test("a signal that arrives twice at once, as one Ctrl-C below a task runner does, is one", async () => {
  await withDirectory(async (dir) => {
    const klite = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir]);
    await klite.line("klite is ready");
    klite.signal("SIGINT");
    assert.equal(await klite.end("SIGTERM"), 0);
    assert.equal(klite.lines.at(-1)?.message, "klite has stopped");
  });
});

Deno.test("a data directory in use, or an address in use, is refused with what to do", async () => {
  await withDirectory(async (dir) => {
    const first = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir]);
    const listen = String((await first.line("klite is ready")).listen);

    const sameDirectory = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir]);
    assert.equal(await sameDirectory.ended(), 1);
    const locked = await sameDirectory.line("klite failed");
    assert.equal(locked.code, "LOCKED");
    assert.match(String(locked.advice), /--data-dir/);
    assert.equal("stack" in locked, false);

    const sameAddress = new Klite(["--listen", listen, "--data-dir", `${dir}-2`]);
    assert.equal(await sameAddress.ended(), 1);
    const taken = await sameAddress.line("klite failed");
    assert.equal(taken.code, "ADDRESS_UNAVAILABLE");
    assert.match(String(taken.advice), /--listen/);

    assert.equal(await first.end("SIGTERM"), 0);
  });
});

Deno.test("at debug level the config comes first, with where each value is from", async () => {
  await withDirectory(async (dir) => {
    const klite = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir, "--log-level=debug"]);
    const config = await klite.line("config");
    assert.equal(klite.lines[0], config);
    assert.equal(config["log-level"], "debug (flag)");
    assert.equal(config["node-id"], "0");
    await klite.line("klite is ready");
    assert.equal(await klite.end("SIGTERM"), 0);
  });
});

Deno.test("klite bundles into one file that serves, which is what a compiled binary holds", async () => {
  await withDirectory(async (dir) => {
    const file = `${dir}-klite.js`;
    const bundle = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "-q", "--platform=deno", "-o", file, "main.ts"],
      cwd: ROOT,
      stdin: "null",
    }).output();
    assert.equal(bundle.code, 0, new TextDecoder().decode(bundle.stderr));
    const klite = new Klite(["--listen=127.0.0.1:0", "--data-dir", dir], file);
    await klite.line("klite is ready");
    assert.equal(await klite.end("SIGTERM"), 0);
  });
});
