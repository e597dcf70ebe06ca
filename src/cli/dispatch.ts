import { readArguments } from "./arguments.ts";
import { type Command, commands } from "./commands.ts";
import { commandHelp, programHelp } from "./help.ts";
import { nearest } from "./nearest.ts";
import { refuseUsage } from "./usage.ts";
import { ExitCode, type World } from "./world.ts";

/** Runs the command that the first words name, or prints the help that the flags ask for. */
export async function dispatchByName(world: World): Promise<number> {
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
