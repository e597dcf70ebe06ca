import { doctorOptions } from "./doctor/options.ts";
import { inspectCommands } from "./inspect/commands.ts";
import { healthOptions, startOptions, versionOptions } from "./options.ts";
import type { OptionTable } from "./option.ts";
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

const startCommand: Command = {
  name: "start",
  usage: "klite [start] [flags]",
  summary: "Run the broker (also without a command).",
  notes: [
    "Every flag has a variable: KLITE_ and its name in capitals, such as KLITE_DATA_DIR.",
    "A flag goes before its variable, the variable before the default.",
    "SIGTERM or SIGINT stops the broker in order; a second one at once.",
  ],
  options: startOptions,
  examples: [
    { line: "klite", does: "on :9092, with its data in ./data" },
    { line: "klite --data-dir /var/lib/klite --health-addr :8080", does: "as a service" },
    {
      line: "klite --topic orders:12 --auto-create-topics=false",
      does: "with this topic and no others",
    },
    { line: "KLITE_LISTEN=127.0.0.1:19092 klite", does: "for this machine only" },
  ],
  run: async (given, world) => (await import("./start.ts")).start(given, world),
};

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
