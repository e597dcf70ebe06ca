import { deepStrictEqual, match, ok } from "node:assert/strict";
import { METRICS } from "./table.ts";

const ALL = Object.values(METRICS).flat();

Deno.test("metrics are named and described as Prometheus wants it", () => {
  for (const { name, help, type } of ALL) {
    match(name, /^(?:klite|process)(?:_[a-z]+)+$/);
    match(help, /^[A-Z0-9].*\.$/);
    deepStrictEqual(name.endsWith("_total"), type === "counter", name);
    ok(type !== "histogram" || name.endsWith("_seconds"), name);
  }
});

Deno.test("no two metrics have one name", () => {
  deepStrictEqual(new Set(ALL.map(({ name }) => name)).size, ALL.length);
});
