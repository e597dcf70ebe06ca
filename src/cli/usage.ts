import type { Process } from "../io/process.ts";
import { ExitCode } from "./world.ts";

/** Says on stderr what is wrong with the command line, and answers the exit code for it. */
export function refuseUsage(process: Process, command: string, problems: readonly string[]): number {
  for (const problem of problems) process.writeErr(`klite: ${problem}\n`);
  process.writeErr(`Try 'klite ${command} --help'.\n`);
  return ExitCode.usage;
}
