/**
 * Puts the options into configuration.md, between the marks that name their
 * command. `deno task docs` runs it; a test says when it is due.
 */
import { commands } from "../src/cli/commands.ts";
import type { Option } from "../src/cli/option.ts";
import { optionsReference } from "../src/cli/reference.ts";

const PAGE = new URL("configuration.md", import.meta.url);

/** A command's place on the page, perhaps for those of its options only that another one has not. */
const PLACES =
  /(<!-- options of ([a-z ]+?)(?: beyond those of ([a-z ]+?))?, from the program: deno task docs -->)[^]*?(<!-- end of the options of \2 -->)/g;

/** The page with its options as the program has them now. */
export function withCurrentOptions(page: string): string {
  return page.replace(PLACES, (_, begin: string, name: string, other: string | undefined, end: string) => {
    const known = new Set(optionsOf(other ?? "").map(({ flag }) => flag));
    const options = optionsOf(name).filter(({ flag }) => !known.has(flag));
    return `${begin}\n\n${optionsReference(options)}\n\n${end}`;
  });
}

function optionsOf(name: string): readonly Option<unknown>[] {
  return Object.values(commands.find((command) => command.name === name)?.options ?? {});
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, withCurrentOptions(Deno.readTextFileSync(PAGE)));
}
