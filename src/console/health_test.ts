import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { consoleHandler } from "./health.ts";

const noMetrics = () => Promise.resolve({ status: 200, contentType: "text/plain", body: "none" });

Deno.test("/livez answers 200 whatever the broker waits for", async () => {
  const handler = consoleHandler({ waitingFor: () => ["replaying the log"], troubles: () => [] }, noMetrics);
  const { status, body } = await handler({ method: "GET", path: "/livez" });
  deepStrictEqual({ status, body }, { status: 200, body: "ok\n" });
});

Deno.test("/readyz follows the broker and says what it waits for", async () => {
  const waits = ["replaying the log", "binding the listener"];
  const handler = consoleHandler({ waitingFor: () => waits, troubles: () => [] }, noMetrics);
  const before = await handler({ method: "GET", path: "/readyz" });
  strictEqual(before.status, 503);
  strictEqual(before.body, "waiting for: replaying the log, binding the listener\n");
  waits.length = 0;
  strictEqual((await handler({ method: "HEAD", path: "/readyz" })).status, 200);
});

Deno.test("/readyz says what is not as it should be while clients are served all the same", async () => {
  const handler = consoleHandler(
    { waitingFor: () => [], troubles: () => ["the log is nearly full"] },
    noMetrics,
  );
  const { status, body } = await handler({ method: "GET", path: "/readyz" });
  deepStrictEqual({ status, body }, { status: 200, body: "ok\ndegraded: the log is nearly full\n" });
});

Deno.test("other paths and methods are refused", async () => {
  const handler = consoleHandler({ waitingFor: () => [], troubles: () => [] }, noMetrics);
  strictEqual((await handler({ method: "GET", path: "/" })).status, 404);
  strictEqual((await handler({ method: "GET", path: "/metrics" })).body, "none");
  strictEqual((await handler({ method: "POST", path: "/readyz" })).status, 405);
});
