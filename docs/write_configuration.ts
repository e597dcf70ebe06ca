/**
 * Puts the options into configuration.md, between the marks that name their
 * command. `deno task docs` runs it; a test says when it is due.
 */
import { commands } from "../src/cli/commands.ts";
import { optionsReference } from "../src/cli/reference.ts";

const PAGE = new URL("configuration.md", import.meta.url);

/** The page with its options as the program has them now. */
export function withCurrentOptions(page: string): string {
  return commands.reduce((text, { name, options }) => {
    const begin = `<!-- options of ${name}, from the program: deno task docs -->`;
    const end = `<!-- end of the options of ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) return text;
    return `${text.slice(0, from + begin.length)}\n\n${optionsReference(Object.values(options))}\n\n${
      text.slice(to)
    }`;
  }, page);
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, withCurrentOptions(Deno.readTextFileSync(PAGE)));
}
