import { strictEqual } from "node:assert/strict";
import { withCurrentMetrics } from "../../../docs/write_observability.ts";

Deno.test("the page on observability has the metrics as they are (else: deno task docs)", () => {
  const page = Deno.readTextFileSync(new URL("../../../docs/observability.md", import.meta.url));
  strictEqual(withCurrentMetrics(page), page);
});
