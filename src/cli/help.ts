import type { Command } from "./commands.ts";
import { type Option, OPTION_GROUPS } from "./option.ts";

const WIDTH = 100;
/** Where descriptions begin. */
const COLUMN = 34;

/** The help of the whole program: what commands there are. */
export function programHelp(commands: readonly Command[]): string {
  return [
    "klite is a Kafka-compatible broker in one process: any Kafka client, durable on one disk.",
    "",
    "Usage: klite [command] [flags]",
    "",
    "Commands:",
    ...commands.flatMap(({ name, summary }) => row(`  ${name}`, summary)),
    "",
    "See 'klite <command> --help' for its flags.",
    "",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const options = Object.values(command.options);
  const groups = OPTION_GROUPS.map((group) => ({
    group,
    members: options.filter((each) => each.group === group),
  }));
  return [
    command.summary,
    "",
    `Usage: ${command.usage}`,
    ...groups.flatMap(({ group, members }) =>
      members.length === 0 ? [] : ["", `${group}:`, ...members.flatMap(optionRows)]
    ),
    ...(command.notes.length === 0 ? [] : ["", ...command.notes]),
    ...examples(command),
    "",
  ].join("\n");
}

/** What a value defaults to, in words. */
export function defaultWords(option: Option<unknown>): string {
  return option.defaultWords ?? (option.default === "" ? "none" : option.default);
}

function optionRows(option: Option<unknown>): string[] {
  const letter = option.letter === undefined ? "" : `-${option.letter}, `;
  const flag = `  ${letter}--${option.flag} ${option.kind.placeholder}`.trimEnd();
  return row(flag, `${option.help} [${defaultWords(option)}]`);
}

function examples({ examples }: Command): string[] {
  if (examples.length === 0) return [];
  const longest = Math.max(...examples.map(({ line }) => line.length));
  return ["", "Examples:", ...examples.map(({ line, does }) => `  ${line.padEnd(longest)}   # ${does}`)];
}

/** A name on the left and its description on the right; a name that is too long has its own line. */
function row(left: string, description: string): string[] {
  const lines = wrap(description, WIDTH - COLUMN);
  const fits = left.length < COLUMN - 1;
  const first = fits ? [left.padEnd(COLUMN) + (lines.shift() ?? "")] : [left];
  return [...first, ...lines.map((line) => " ".repeat(COLUMN) + line)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
