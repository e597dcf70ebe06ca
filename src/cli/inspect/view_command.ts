import type { ClusterView } from "../../broker/inspect/mod.ts";
import { readSettings } from "../settings.ts";
import type { OptionTable, OptionValues } from "../option.ts";
import { refuseUsage } from "../usage.ts";
import { ExitCode, type World } from "../world.ts";
import { openView, sourceProblems, type SourceSources, type SourceValues } from "./open_view.ts";

/** What a command looks with, and how it answers. */
export interface Look {
  readonly view: ClusterView;
  /** Writes some of the answer. */
  write(text: string): void;
  /** Says something beside the answer. */
  say(sentence: string): void;
  /** Says that something is wrong with what was found: the command ends with 10. */
  blame(): void;
}

/** A command of `klite inspect` that looks through a view. */
export interface ViewCommand<Table extends OptionTable> {
  readonly name: string;
  readonly options: Table;
  /** What does not fit together in its own options, a sentence each. */
  problems(values: OptionValues<Table>): readonly string[];
  answer(values: OptionValues<Table>, look: Look): Promise<void>;
}

/** Reads the options, opens what they name and lets the command answer. Answers the exit code. */
export async function runViewCommand<Table extends OptionTable>(
  command: ViewCommand<Table>,
  given: ReadonlyMap<string, readonly string[]>,
  world: World,
): Promise<number> {
  const { process } = world;
  const settings = readSettings(command.options, given, (name) => process.variable(name));
  // All of these tables have the options that say where to look.
  const values = settings.values as OptionValues<Table> & SourceValues;
  const sources = settings.sources as SourceSources;
  const problems = settings.problems.length > 0 ? settings.problems : [
    ...sourceProblems(values, sources),
    ...command.problems(values),
  ];
  if (problems.length > 0) return refuseUsage(process, command.name, problems);
  const view = await openView(values, sources, world);
  let isWrong = false;
  try {
    await command.answer(values, {
      view,
      write: (text) => process.writeOut(text),
      say: (sentence) => process.writeErr(`klite: ${sentence}\n`),
      blame: () => isWrong = true,
    });
    for (const problem of view.problems) process.writeErr(`klite: ${problem}\n`);
    return isWrong || view.problems.length > 0 ? ExitCode.notReady : ExitCode.ok;
  } finally {
    await view.close();
  }
}
