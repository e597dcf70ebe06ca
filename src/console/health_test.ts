import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { consoleHandler } from "./health.ts";

const noMetrics = () => Promise.resolve({ status: 200, contentType: "text/plain", body: "none" });

Deno.test("/livez answers 200 whatever the broker waits for", async () => {
  const handler = consoleHandler(
    { waitingFor: () => ["replaying the log"], troubles: () => [] },
    noMetrics,
    null,
  );
  const { status, body } = await handler({ method: "GET", path: "/livez", authorization: null });
  deepStrictEqual({ status, body }, { status: 200, body: "ok\n" });
});

Deno.test("/readyz follows the broker and says what it waits for", async () => {
  const waits = ["replaying the log", "binding the listener"];
  const handler = consoleHandler({ waitingFor: () => waits, troubles: () => [] }, noMetrics, null);
  const before = await handler({ method: "GET", path: "/readyz", authorization: null });
  strictEqual(before.status, 503);
  strictEqual(before.body, "waiting for: replaying the log, binding the listener\n");
  waits.length = 0;
  strictEqual((await handler({ method: "HEAD", path: "/readyz", authorization: null })).status, 200);
});

Deno.test("/readyz says what is not as it should be while clients are served all the same", async () => {
  const handler = consoleHandler(
    { waitingFor: () => [], troubles: () => ["the log is nearly full"] },
    noMetrics,
    null,
  );
  const { status, body } = await handler({ method: "GET", path: "/readyz", authorization: null });
  deepStrictEqual({ status, body }, { status: 200, body: "ok\ndegraded: the log is nearly full\n" });
});

Deno.test("other paths and methods are refused", async () => {
  const handler = consoleHandler({ waitingFor: () => [], troubles: () => [] }, noMetrics, null);
  strictEqual((await handler({ method: "GET", path: "/", authorization: null })).status, 404);
  strictEqual((await handler({ method: "GET", path: "/metrics", authorization: null })).body, "none");
  strictEqual((await handler({ method: "POST", path: "/readyz", authorization: null })).status, 405);
});

Deno.test("with a token, who does not show it learns whether the broker is ready, and nothing else", async () => {
  const waits = ["replaying the log"];
  const handler = consoleHandler(
    { waitingFor: () => waits, troubles: () => ["rot"] },
    noMetrics,
    "open sesame",
  );
  const ask = async (path: string, authorization: string | null) => {
    const { status, body } = await handler({ method: "GET", path, authorization });
    return `${status} ${body.trim()}`;
  };
  const right = "Bearer open sesame";
  for (const wrong of [null, "", "Bearer", "Bearer open", "Bearer open sesamE", `${right} `, "open sesame"]) {
    strictEqual(await ask("/livez", wrong), "200 ok");
    strictEqual(await ask("/readyz", wrong), "503 not ready");
    strictEqual(await ask("/metrics", wrong), "401 A token is needed.");
  }
  strictEqual(await ask("/readyz", right), "503 waiting for: replaying the log\ndegraded: rot");
  strictEqual(await ask("/metrics", right), "200 none");
  waits.length = 0;
  strictEqual(await ask("/readyz", null), "200 ok");
});
