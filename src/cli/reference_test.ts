import { match, strictEqual } from "node:assert/strict";
import { withCurrentOptions } from "../../docs/write_configuration.ts";
import { commands } from "./commands.ts";
import { variableOf } from "./option.ts";

const page = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));

Deno.test("the reference page has the options as they are (else: deno task docs)", () => {
  strictEqual(withCurrentOptions(page), page);
});

Deno.test("the reference page names every flag and variable", () => {
  for (const option of commands.flatMap(({ options }) => Object.values(options))) {
    match(page, new RegExp(`#### \`--${option.flag}[ \`]`));
    const variable = variableOf(option);
    if (variable !== null) match(page, new RegExp(`\`${variable}\``));
  }
});
