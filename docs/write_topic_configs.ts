/**
 * Puts the tables of configs into topic_configs.md, between their marks. `deno task docs` runs it; a test says when it
 * is due.
 */
import {
  BROKER_CONFIGS,
  type ConfigDef,
  configDocumentation,
  GROUP_CONFIGS,
  TOPIC_CONFIGS,
} from "../src/cluster/configs/mod.ts";

const PAGE = new URL("topic_configs.md", import.meta.url);

/** The page with its tables as the program has them now. */
export function withCurrentConfigs(page: string): string {
  const tables: Readonly<Record<string, string>> = {
    "topic configs": table(
      ["config", "default", "obeyed", "follows", ""],
      TOPIC_CONFIGS.map((def) => [
        code(def.name),
        code(def.default),
        def.enforced === true ? "yes" : "",
        def.broker === undefined ? "" : code(def.broker),
        configDocumentation(def.name),
      ]),
    ),
    "dynamic broker configs": table(
      ["config", "default", ""],
      BROKER_CONFIGS.filter(({ isDynamic }) => isDynamic === true).map(plainRow),
    ),
    "group configs": table(["config", "default", ""], GROUP_CONFIGS.map(plainRow)),
  };
  return Object.entries(tables).reduce((text, [name, rows]) => {
    const begin = `<!-- ${name}, from the program: deno task docs -->`;
    const end = `<!-- end of the ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) return text;
    return `${text.slice(0, from + begin.length)}\n\n${rows}\n\n${text.slice(to)}`;
  }, page);
}

function plainRow({ name, default: value }: ConfigDef): string[] {
  return [code(name), value === null ? "" : code(value), configDocumentation(name)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows.toSorted(([a = ""], [b = ""]) => a < b ? -1 : 1)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, withCurrentConfigs(Deno.readTextFileSync(PAGE)));
}
