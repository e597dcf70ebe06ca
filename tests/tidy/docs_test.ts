import assert from "node:assert/strict";
import { APIS } from "../../src/apis/mod.ts";

Deno.test("docs/compatibility.md names the APIs that are served, at their versions", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/compatibility.md", import.meta.url));
  const rows = text.matchAll(/^\| (\d+) \| (\w+) \| (\d+)–(\d+) \|/gm);
  const written = Array.from(rows, ([, key, name, first, last]) => `${key} ${name} ${first}–${last}`);
  const served = APIS.toSorted((a, b) => a.key - b.key).map(({ key, name, versions: [first, last] }) =>
    `${key} ${name} ${first}–${last}`
  );
  assert.deepEqual(written, served);
});
