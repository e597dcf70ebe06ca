import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { DenoClock } from "../io/deno/clock.ts";
import { DenoDialer } from "../io/deno/dial.ts";
import { DenoHttp } from "../io/deno/http.ts";
import { runCli } from "./mod.ts";
import { ProcessInMemory } from "./testing/process_in_memory.ts";

async function health(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const process = new ProcessInMemory(["health", ...args], variables);
  const code = await runCli({
    process,
    openDoctor: () => Promise.reject(new Error("nobody is ill")),
    openLog: () => Promise.reject(new Error("health has no log")),
    openBroker: () => Promise.reject(new Error("health has no broker")),
    openInspection: () => Promise.reject(new Error("nothing to look at")),
    openProbe: () =>
      Promise.resolve({ clock: new DenoClock(), dialer: new DenoDialer(), http: new DenoHttp() }),
  });
  return { code, out: process.out, err: process.err };
}

/** Takes one connection, reads a request and answers with `answer`; without one it stays silent. */
async function peer(
  answer: Uint8Array | null,
  test: (address: string) => Promise<void>,
): Promise<Uint8Array> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const request = new Uint8Array(1024);
  const serving = (async () => {
    using connection = await listener.accept();
    const length = await connection.read(request) ?? 0;
    if (answer !== null) {
      await connection.write(answer);
    } else {
      // Until the other side gives up.
      await connection.read(new Uint8Array(1));
    }
    return request.subarray(0, length);
  })();
  await test(`127.0.0.1:${listener.addr.port}`);
  listener.close();
  return await serving;
}

/** A response frame: size, correlation id, error code, no APIs. */
function response(correlationId: number, errorCode: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 8, 0, 0, 0, correlationId, 0, errorCode, 0, 0);
}

Deno.test("a broker that answers ApiVersions is ready", async () => {
  for (const errorCode of [0, 35]) {
    const request = await peer(response(1, errorCode), async (address) => {
      const { code, out } = await health(["--addr", address]);
      strictEqual(code, 0);
      match(out, new RegExp(`^ready: ${address} answered in \\d+ ms\\n$`));
    });
    // Size, key 18, version 3, correlation id 1.
    deepStrictEqual([...request.subarray(4, 12)], [0, 18, 0, 3, 0, 0, 0, 1]);
    strictEqual(request.length, 4 + new DataView(request.buffer).getInt32(0));
  }
});

Deno.test("--listen and its variable say where the broker is", async () => {
  await peer(response(1, 0), async (address) => strictEqual((await health(["--listen", address])).code, 0));
  await peer(response(1, 0), async (address) => {
    strictEqual((await health([], { KLITE_LISTEN: `:${address.split(":")[1]}` })).code, 0);
  });
});

Deno.test("whatever else answers is not ready", async () => {
  const answers = [
    response(2, 0),
    response(1, 7),
    new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  ];
  for (const answer of answers) {
    await peer(answer, async (address) => {
      const { code, out } = await health(["--addr", address]);
      strictEqual(code, 10);
      match(out, /^not ready: .*not a Kafka broker, or one that speaks TLS: see --tls-ca\n$/);
    });
  }
  await peer(Uint8Array.of(0, 0, 0, 9, 1), async (address) => {
    const { code, out } = await health(["--addr", address]);
    strictEqual(code, 10);
    match(out, /closed without an answer/);
  });
});

Deno.test("a broker that is silent is not ready once the time is up", async () => {
  await peer(null, async (address) => {
    const { code, out } = await health(["--addr", address, "--timeout", "50ms"]);
    strictEqual(code, 10);
    match(out, /no answer within 50 ms/);
  });
});

Deno.test("the answer is JSON when that is asked for", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  listener.close();
  const { code, out } = await health(["--addr", address, "-o", "json"]);
  strictEqual(code, 10);
  const { answerMs, ...rest } = JSON.parse(out);
  strictEqual(typeof answerMs, "number");
  deepStrictEqual(rest, {
    ready: false,
    address,
    asked: "kafka",
    reason: `${address}: nothing answers there`,
  });
});

Deno.test("with a health address its /readyz decides", async () => {
  let status = 503;
  const server = new DenoHttp().serve({ host: "127.0.0.1", port: 0 }, ({ path }) => {
    return { status, contentType: "text/plain", body: `waiting for: the log's replay (${path})\n` };
  });
  const address = `127.0.0.1:${server.address.port}`;
  try {
    const waiting = await health(["--health-addr", address]);
    strictEqual(waiting.code, 10);
    strictEqual(waiting.out, `not ready: ${address}/readyz: 503 waiting for: the log's replay (/readyz)\n`);
    status = 200;
    strictEqual((await health([], { KLITE_HEALTH_ADDR: address })).code, 0);
  } finally {
    await server.close();
  }
});

Deno.test("bad values are usage errors", async () => {
  for (const args of [["--addr=:9092"], ["--timeout=5"], ["--timeout=0"], ["-o", "yaml"]]) {
    const { code, err } = await health(args);
    strictEqual(code, 2, args.join(" "));
    match(err, /is not valid/);
  }
});
