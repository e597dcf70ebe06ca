import assert from "node:assert/strict";
import { fuzzDecoders } from "./decoder_fuzz.ts";

Deno.test("no decoder answers hostile bytes with anything but a value or a protocol error", async () => {
  // The long form is `deno task fuzz`; the same seed there replays these inputs first.
  const outcome = await fuzzDecoders(20_260_101, 5_000);
  assert.deepEqual(outcome.failures, []);
  assert.ok(outcome.values > 500, `only ${outcome.values} inputs were valid`);
  assert.ok(outcome.protocolErrors > 500, `only ${outcome.protocolErrors} inputs were refused`);
});
