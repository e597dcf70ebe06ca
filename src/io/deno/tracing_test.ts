import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { runtimeTracer, sampled } from "./tracing.ts";

Deno.test("without OTEL_DENO nothing is traced", () => {
  strictEqual(runtimeTracer(() => 0), null);
});

Deno.test("spans say what they are about, and there are only so many of a name in a second", () => {
  const told: string[] = [];
  let nowMs = 0;
  const tracer = sampled({
    startSpan: (name) => ({
      setAttribute: (key, value) => told.push(`${name} ${key}=${value}`),
      setStatus: ({ code, message }) => told.push(`${name} ${code} ${message}`),
      end: () => told.push(`${name} ends`),
    }),
  }, () => nowMs);
  const span = tracer.begin("flush");
  span?.set("bytes", 7);
  span?.end("no room");
  deepStrictEqual(told, ["flush bytes=7", "flush 2 no room", "flush ends"]);
  const many = Array.from({ length: 200 }, () => tracer.begin("request"));
  strictEqual(many.filter((each) => each !== null).length, 20);
  strictEqual(tracer.begin("commit") !== null, true);
  nowMs = 1000;
  strictEqual(tracer.begin("request") !== null, true);
});
