import { defaultWords } from "./help.ts";
import { OPTION_GROUPS } from "./option.ts";
import { type Option, variableOf } from "./option.ts";

/** Everything that the table knows of a command's options, as Markdown. */
export function optionsReference(options: readonly Option<unknown>[]): string {
  return OPTION_GROUPS.flatMap((group) => {
    const members = options.filter((option) => option.group === group);
    return members.length === 0 ? [] : [`### ${group}`, ...members.map(section)];
  }).join("\n\n");
}

function section(option: Option<unknown>): string {
  const variable = variableOf(option);
  const flag = `--${option.flag}${option.kind.placeholder === "" ? "" : ` ${option.kind.placeholder}`}`;
  const letter = option.letter === undefined ? "" : ` (\`-${option.letter}\`)`;
  return [
    `#### \`${flag}\`${letter}`,
    "",
    ...(variable === null ? [] : [`- Variable: \`${variable}\``]),
    `- Default: ${option.defaultWords ?? `\`${defaultWords(option)}\``}`,
    `- Valid: ${option.kind.valid}`,
    "",
    option.help,
    ...(option.more === undefined ? [] : ["", option.more]),
  ].join("\n");
}
