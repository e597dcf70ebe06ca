import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { LocalSystem } from "./local.ts";
import type { System } from "./system.ts";

/** klite from this source tree, started as `deno task start` starts it. */
export function klite(dir: string): System {
  return {
    name: "klite",
    title: "klite, this source tree, as it comes: fsync before every acknowledgement",
    measuresStart: true,
    version: revision,
    start: async () => {
      const data = await Deno.makeTempDir({ dir, prefix: "klite-" });
      return new LocalSystem(await BrokerProcess.start({ dir: data }), data);
    },
  };
}

/** The commit of the source tree. */
async function revision(): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", {
    args: ["rev-parse", "--short", "HEAD"],
    cwd: new URL(".", import.meta.url),
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : "unknown";
}
