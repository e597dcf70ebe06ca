import assert from "node:assert/strict";
import { SourceMap } from "./source_map.ts";

/** Two lines: columns 0, 4 and 9 of the first come from 0:0, 0:6 and 2:1, column 2 of the third from 5:3. */
const MAPPINGS = "AAAA,IAAM,KAEL;;EAGE";

Deno.test("a generated place leads to the source of the nearest segment before it", () => {
  const map = new SourceMap(MAPPINGS);
  assert.deepEqual(map.sourceOf({ line: 0, column: 0 }), { line: 0, column: 0 });
  assert.deepEqual(map.sourceOf({ line: 0, column: 5 }), { line: 0, column: 6 });
  assert.deepEqual(map.sourceOf({ line: 0, column: 100 }), { line: 2, column: 1 });
  assert.deepEqual(map.sourceOf({ line: 2, column: 2 }), { line: 5, column: 3 });
});

Deno.test("a place before the first segment takes that one, and lines without any have no source", () => {
  const map = new SourceMap(MAPPINGS);
  assert.deepEqual(map.sourceOf({ line: 2, column: 0 }), { line: 5, column: 3 });
  assert.equal(map.sourceOf({ line: 1, column: 0 }), null);
  assert.equal(map.sourceOf({ line: 9, column: 0 }), null);
});

Deno.test("a map is read from the data URL that scripts carry, and other URLs are none", () => {
  const base64 = new TextEncoder().encode(JSON.stringify({ version: 3, mappings: MAPPINGS })).toBase64();
  const map = SourceMap.fromUrl(`data:application/json;charset=utf-8;base64,${base64}`);
  assert.deepEqual(map?.sourceOf({ line: 0, column: 4 }), { line: 0, column: 6 });
  assert.equal(SourceMap.fromUrl("file:///x.js.map"), null);
  assert.equal(SourceMap.fromUrl(""), null);
});
