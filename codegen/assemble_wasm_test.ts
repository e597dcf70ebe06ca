import { match, rejects } from "node:assert/strict";
import { assemble } from "./assemble_wasm.ts";

Deno.test("a module becomes a constant with its bytes", async () => {
  const text = await assemble("src/some/empty.wat", "(module)");
  match(text, /^\/\/ generated from empty\.wat /);
  match(text, /export const EMPTY_WASM =\n {2}"AGFzbQEAAAA=";\n$/);
});

Deno.test("text that is no module is refused with its line", async () => {
  await rejects(assemble("src/some/wrong.wat", "(module\n  (func (i32.const))\n)"), /wrong\.wat:2:/);
});
