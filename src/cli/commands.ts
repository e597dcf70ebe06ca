import { doctorOptions } from "./doctor/options.ts";
import { inspectCommands } from "./inspect/commands.ts";
import { healthOptions, versionOptions } from "./options.ts";
import type { OptionTable } from "./option.ts";
import { startCommand } from "./start_command.ts";
import type { World } from "./world.ts";

/** The texts given for each flag. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

/** One word of the command line, or two, and what they do. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** More to know, in lines for the help text. */
  readonly notes: readonly string[];
  readonly options: OptionTable;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Answers the exit code. Loads its code when it is called, so that the others need not wait for it. */
  run(given: GivenFlags, world: World): Promise<number>;
}

const healthCommand: Command = {
  name: "health",
  usage: "klite health [flags]",
  summary: "Ask a running broker whether it serves; exit code 0 or 10.",
  notes: [
    "It reads the broker's own variables, so inside its container it needs no flags.",
  ],
  options: healthOptions,
  examples: [
    { line: "klite health", does: "the broker on this machine's :9092" },
    { line: "klite health --addr klite-0:9092 --timeout 500ms", does: "another one" },
    { line: "klite health --health-addr :8080 -o json", does: "by its /readyz, as JSON" },
  ],
  run: async (given, world) => (await import("./health.ts")).health(given, world),
};

const doctorCommand: Command = {
  name: "doctor",
  usage: "klite doctor [flags]",
  summary: "Check what stands in a broker's way, before it runs or beside it; exit code 0 or 10.",
  notes: [
    "It takes the broker's own flags and variables: give it those that the broker has.",
    "Each finding says what to do about it. Exit code 10 says that something is wrong.",
  ],
  options: doctorOptions,
  examples: [
    { line: "klite doctor --data-dir /var/lib/klite", does: "network, disk, limits and clock" },
    { line: "klite doctor --advertised-addr kafka.example.org:9092", does: "whether clients get there, too" },
    { line: "klite doctor --s3-bucket backups -o json", does: "the bucket, too, for a script" },
  ],
  run: async (given, world) => (await import("./doctor/doctor.ts")).doctor(given, world),
};

const versionCommand: Command = {
  name: "version",
  usage: "klite version [flags]",
  summary: "Print the version.",
  notes: [],
  options: versionOptions,
  examples: [],
  run: async (given, world) => (await import("./version.ts")).version(given, world),
};

/** The first one is meant when no command is given. */
export const commands = [
  startCommand,
  healthCommand,
  ...inspectCommands,
  doctorCommand,
  versionCommand,
] as const;
