import { join } from "node:path";
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import { OURS, OURS_AGAIN, OURS_WITH_RIGHTS } from "../report/summary.ts";
import { LocalSystem } from "./local.ts";
import { ACLS, AUTHORIZING, QUOTAS, setRights } from "./rights.ts";
import type { System } from "./system.ts";

/** klite from this source tree, started as `deno task start` starts it. */
export function klite(dir: string): System {
  const system: System = {
    name: OURS,
    title: "klite, this source tree, as it comes: fsync before every acknowledgement",
    measuresStart: true,
    copiesLater: true,
    version: revision,
    start: () => start(dir, {}),
  };
  // A developer's cache holds other programs too, and Deno maps what it reads of its databases into memory.
  const env = { DENO_DIR: join(dir, "deno") };
  let filled: Promise<void> | undefined;
  const startInstalled = async () => {
    await (filled ??= start(dir, env).then((first) => first.stop()));
    return await start(dir, env);
  };
  return { ...system, asInstalled: { ...system, start: startInstalled } };
}

/** The same once more. */
export function kliteAgain(dir: string): System {
  return {
    name: OURS_AGAIN,
    title: "klite once more, set up the same: what the two differ by is the noise of the run",
    measuresStart: false,
    copiesLater: true,
    version: revision,
    start: () => start(dir, {}),
  };
}

/** The same where ACLs and quotas decide about every request, of clients that nothing is refused to. */
export function kliteWithRights(dir: string): System {
  return {
    name: OURS_WITH_RIGHTS,
    title: `klite with ${
      ACLS.toLocaleString("en-US")
    } ACLs and ${QUOTAS} quotas, those of the clients among them`,
    measuresStart: false,
    copiesLater: true,
    version: revision,
    start: async () => {
      const running = await start(dir, {}, AUTHORIZING);
      try {
        await setRights(running.target.port);
        return running;
      } catch (error) {
        await running.stop();
        throw error;
      }
    },
  };
}

async function start(
  dir: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<LocalSystem> {
  const data = await Deno.makeTempDir({ dir, prefix: "klite-" });
  return new LocalSystem(await BrokerProcess.start({ dir: data, env, flags }), data);
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
