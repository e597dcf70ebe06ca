import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { KliteEvent } from "../io/events.ts";
import type { Http, HttpHandler } from "../io/http.ts";
import { EventFigures } from "../console/mod.ts";
import { SimClock } from "../io/sim/clock.ts";
import { SimFiles } from "../io/sim/files.ts";
import { simTelemetry } from "../io/sim/telemetry.ts";
import { HealthEndpoint } from "./health_endpoint.ts";

const AT_8080 = { healthAddress: { host: "", port: 8080 }, healthTokenFile: null };

/** Keeps the handler in place of a socket. */
class HttpInMemory implements Pick<Http, "serve"> {
  handler: HttpHandler | null = null;
  closed = 0;
  serve(_: unknown, handler: HttpHandler) {
    this.handler = handler;
    return { address: { host: "::", port: 8080 }, close: () => Promise.resolve(void this.closed++) };
  }
  async status(path: string): Promise<string> {
    const response = await this.handler?.({ method: "GET", path, authorization: null });
    return `${response?.status} ${response?.body.trim()}`;
  }
}

function ioWith(http: HttpInMemory) {
  return {
    http,
    clock: new SimClock(),
    telemetry: simTelemetry(),
    files: new SimFiles(new SimClock()),
    figures: new EventFigures(),
  };
}

Deno.test("/readyz follows the phases of the broker, /livez stays", async () => {
  const http = new HttpInMemory();
  const seen: KliteEvent[] = [];
  const health = await HealthEndpoint.open(AT_8080, ioWith(http), (event) => seen.push(event));
  deepStrictEqual(seen, [{ type: "health_listening", address: "[::]:8080" }]);
  strictEqual(await http.status("/readyz"), "503 waiting for: the start");
  health.waitFor("the log's replay");
  strictEqual(await http.status("/readyz"), "503 waiting for: the log's replay");
  const room = { isRefusing: false };
  const troubles: string[] = [];
  health.ready({ room, tier: { troubles: () => troubles } }, null);
  strictEqual(await http.status("/readyz"), "200 ok");
  troubles.push("nothing could be stored");
  strictEqual(await http.status("/readyz"), "200 ok\ndegraded: nothing could be stored");
  room.isRefusing = true;
  strictEqual(
    await http.status("/readyz"),
    "503 waiting for: room in the log\ndegraded: nothing could be stored",
  );
  health.waitFor("the last requests");
  strictEqual(await http.status("/readyz"), "503 waiting for: the last requests");
  strictEqual(await http.status("/livez"), "200 ok");
  await health.close();
  strictEqual(http.closed, 1);
});

Deno.test("without an address nothing listens and nothing is said", async () => {
  const http = new HttpInMemory();
  const seen: KliteEvent[] = [];
  const health = await HealthEndpoint.open(
    { healthAddress: null, healthTokenFile: null },
    ioWith(http),
    (event) => seen.push(event),
  );
  await health.close();
  deepStrictEqual([http.handler, seen], [null, []]);
});
