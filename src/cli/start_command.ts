import type { Command } from "./commands.ts";
import { startOptions } from "./options.ts";

/** Apart from the others, which a broker does without. */
export const startCommand: Command = {
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
    { line: "klite --data-dir /var/lib/klite --health-addr 0.0.0.0:8080", does: "as a service" },
    {
      line: "klite --topic orders:12 --auto-create-topics=false",
      does: "with this topic and no others",
    },
    { line: "KLITE_LISTEN=127.0.0.1:19092 klite", does: "for this machine only" },
  ],
  run: async (given, world) => (await import("./start.ts")).start(given, world),
};
