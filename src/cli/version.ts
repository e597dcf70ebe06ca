import { KLITE_VERSION } from "../base/version.ts";
import type { GivenFlags } from "./commands.ts";
import { versionOptions } from "./options.ts";
import { readSettings } from "./settings.ts";
import { refuseUsage } from "./usage.ts";
import { ExitCode, type World } from "./world.ts";

/** Prints what this is. */
export function version(given: GivenFlags, { process }: World): number {
  const { values, problems } = readSettings(versionOptions, given, () => undefined);
  if (problems.length > 0) return refuseUsage(process, "version", problems);
  const { runtime } = process;
  process.writeOut(
    values.output === "json"
      ? `${JSON.stringify({ version: KLITE_VERSION, runtime })}\n`
      : `klite ${KLITE_VERSION} (${runtime})\n`,
  );
  return ExitCode.ok;
}
