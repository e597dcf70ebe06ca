import { equal, match } from "node:assert/strict";
import { findDifference } from "./difference.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const EXPECTED = [{ label: "p0/0", bytes: bytes("one\n") }, { label: "p0/1", bytes: bytes("two\n") }];

Deno.test("equal bytes have no difference", () => {
  equal(findDifference(EXPECTED, bytes("one\ntwo\n")), null);
  equal(findDifference([], bytes("")), null);
});

Deno.test("a changed byte is told with its record and place", () => {
  match(findDifference(EXPECTED, bytes("one\ntwx\n")) ?? "", /^p0\/1 differs at byte 2: .*two.*twx/);
});

Deno.test("a missing end is told with what was there", () => {
  equal(findDifference(EXPECTED, bytes("one\ntw")), "ends after 1 records, in p0/1");
});

Deno.test("bytes after the last record are a difference", () => {
  equal(findDifference(EXPECTED, bytes("one\ntwo\none\n")), "4 bytes after the last of 2 records");
});
