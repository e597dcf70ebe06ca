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
 * - Each command's code is loaded when it is run: start-up time is a feature. What is told of the
 *   others is loaded when the program is not called to start a broker: memory is one, too.
 * - The room reaches the machine only through the {@link World} it is given.
 */
import { KliteError } from "../base/klite_error.ts";
import { readArguments } from "./arguments.ts";
import { startCommand } from "./start_command.ts";
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

/** Starts a broker unless the arguments name something else. */
async function dispatch(world: World): Promise<number> {
  const { process } = world;
  const [first = ""] = process.args;
  if (first === "" || first.startsWith("-")) {
    const { given, help, version, problems } = readArguments(
      process.args,
      Object.values(startCommand.options),
    );
    if (!help && !version) {
      if (problems.length > 0) return refuseUsage(process, startCommand.name, problems);
      return await startCommand.run(given, world);
    }
  }
  const { dispatchByName } = await import("./dispatch.ts");
  return await dispatchByName(world);
}
