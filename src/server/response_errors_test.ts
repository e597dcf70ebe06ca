import { deepStrictEqual } from "node:assert/strict";
import { eachError } from "./response_errors.ts";

function errorsIn(response: object, path: readonly string[] | null): number[] {
  const found: number[] = [];
  eachError(response, path, { failed: (code) => found.push(code) });
  return found;
}

const RESPONSE = {
  errorCode: 35,
  bytes: new Uint8Array(3),
  topics: [
    { name: "a", errorCode: 0, partitions: [{ errorCode: 3, ids: [1, 2] }, { errorCode: 0, ids: null }] },
    { name: "b", errorCode: 17, partitions: [] },
  ],
};

Deno.test("errors are found at any depth, and no success among them", () => {
  deepStrictEqual(errorsIn(RESPONSE, null), [35, 3, 17]);
  deepStrictEqual(errorsIn({ topics: [] }, null), []);
});

Deno.test("where the lists are named nothing else is looked at", () => {
  deepStrictEqual(errorsIn(RESPONSE, ["topics", "partitions"]), [35, 3, 17]);
  deepStrictEqual(errorsIn(RESPONSE, ["topics"]), [35, 17]);
  deepStrictEqual(errorsIn(RESPONSE, ["nothing"]), [35]);
});
