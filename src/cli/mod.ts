/**
 * The command line: from arguments and variables to a config, and from there to
 * a running broker or an answer.
 *
 * - One table of options (`options.ts`) says all that is known of each: flag,
 *   kind, default, help. The reader of arguments, the variables, the help, the
 *   reference page and the printed config are driven by it; adding an option
 *   is adding a row.
 * - A flag goes before its variable, the variable before the default. Nothing
 *   is ignored: what is not known or not valid is refused by name, with the
 *   nearest valid form, before anything is opened.
 * - Data goes to stdout, talk to stderr. Exit codes are those of `ExitCode`.
 * - Each command's code is loaded when it is run: start-up time is a feature.
 * - The room reaches the machine only through the {@link World} it is given.
 */
import { KliteError } from "../base/klite_error.ts";
import { readArguments } from "./arguments.ts";
import { type Command, commands } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";
import { nearest } from "./nearest.ts";
import { refuseUsage } from "./usage.ts";
import { ExitCode, type World } from "./world.ts";

export type { World } from "./world.ts";

/** Does what the process's arguments ask for and answers its exit code. */
export async function runCli(world: World): Promise<number> {
  try {
    return await dispatch(world);
  } catch (error) {
    const known = error instanceof KliteError;
    const words = known || !(error instanceof Error) ? String(known ? error.message : error) : error.stack;
    world.process.writeErr(`klite: ${words}\n`);
    return ExitCode.failed;
  }
}

async function dispatch(world: World): Promise<number> {
  const { process } = world;
  const words = commandWords(process.args);
  const named = words.length > 0;
  if (words[0] === "help") return printHelp(process.args.slice(1).join(" "), world);
  const command = named ? commands.find(({ name }) => name === words.join(" ")) : commands[0];
  if (command === undefined) return unknownCommand(words.join(" "), world);

  const { given, help, version, problems } = readArguments(
    process.args.slice(words.length),
    Object.values(command.options),
  );
  if (help) {
    process.writeOut(named ? commandHelp(command) : overview());
    return ExitCode.ok;
  }
  if (version) return await runByName("version", world);
  if (problems.length > 0) return refuseUsage(process, command.name, problems);
  return await command.run(given, world);
}

/** The words that name a command: what stands before the flags, as far as commands have so many words. */
function commandWords(args: readonly string[]): readonly string[] {
  const [first = "", second = ""] = args;
  if (first === "" || first.startsWith("-")) return [];
  const isPair = second !== "" && !second.startsWith("-") &&
    commands.some(({ name }) => name.startsWith(`${first} `));
  return isPair ? [first, second] : [first];
}

/** `klite --help`: the commands, and the flags of the one that is meant when none is given. */
function overview(): string {
  const [start] = commands;
  return `${programHelp(commands)}\nklite start: ${commandHelp(start)}`;
}

function printHelp(name: string, world: World): number {
  const command = commands.find((each) => each.name === name);
  if (name !== "" && command === undefined) return unknownCommand(name, world);
  world.process.writeOut(command === undefined ? overview() : commandHelp(command));
  return ExitCode.ok;
}

async function runByName(name: Command["name"], world: World): Promise<number> {
  const command = commands.find((each) => each.name === name);
  return command === undefined ? unknownCommand(name, world) : await command.run(new Map(), world);
}

function unknownCommand(name: string, { process }: World): number {
  const near = nearest(name, commands.map((command) => command.name));
  process.writeErr(`klite: Unknown command '${name}'.${near === null ? "" : ` Did you mean '${near}'?`}\n`);
  process.writeErr("Try 'klite --help'.\n");
  return ExitCode.usage;
}
