import assert from "node:assert/strict";
import { normalize } from "./normalize.ts";

Deno.test("ids, addresses and widths of columns do not matter", () => {
  const lines = (id: string, port: number, gap: string) => [
    `GROUP${gap}CONSUMER-ID${gap}HOST`,
    `orders${gap}app-${id}${gap}/127.0.0.1`,
    `COORDINATOR 127.0.0.1:${port}${gap}(1)`,
  ];
  const one = lines("6f6d1f3e-96a5-4cb6-b1d8-8f31a3f6fd9e", 9092, " ");
  const other = lines("0c9ae6e4-4c3f-4be5-9a0f-5f0a6c1f8d11", 20_000, "     ");
  assert.deepEqual(normalize(one), normalize(other));
});

Deno.test("offsets, states and errors do matter", () => {
  assert.notDeepEqual(normalize(["orders 0 6 6 0"]), normalize(["orders 0 5 6 1"]));
  assert.notDeepEqual(normalize(["orders Stable"]), normalize(["orders Empty"]));
  assert.notDeepEqual(
    normalize(["Error: GroupIdNotFoundException"]),
    normalize(["Error: GroupNotEmptyException"]),
  );
  assert.notDeepEqual(normalize(["exit code 1"]), normalize(["exit code 0"]));
});

Deno.test("the frames of a stack are left out, what was thrown is not", () => {
  assert.deepEqual(normalize(["Error: no group", "\tat Tool.main(Tool.java:1)"]), ["Error: no group"]);
});
