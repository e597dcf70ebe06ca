import { doesNotMatch, strictEqual } from "node:assert/strict";
import { Secret } from "./secret.ts";

Deno.test("a secret is not in what is printed, joined or sent of it", () => {
  const secret = new Secret("hunter2");
  const shown = [
    Deno.inspect({ secret }, { depth: 9, showHidden: true }),
    JSON.stringify({ secret }),
    `${secret}`,
    Object.values(secret).join(),
  ];
  for (const text of shown) doesNotMatch(text, /hunter2/);
  strictEqual(secret.reveal(), "hunter2");
});
