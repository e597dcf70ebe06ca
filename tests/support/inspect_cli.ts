/** `klite inspect` in the test's own process, on what is really there: a broker's address, a directory, a store. */
import { runCli, type World } from "../../src/cli/mod.ts";
import { ProcessInMemory } from "../../src/cli/testing/process_in_memory.ts";
import { DenoClock } from "../../src/io/deno/clock.ts";
import { DenoDialer } from "../../src/io/deno/dial.ts";
import { DenoDisk } from "../../src/io/deno/disk.ts";
import { DenoHttp } from "../../src/io/deno/http.ts";
import { DirectoryStore } from "../../src/io/directory_store.ts";
import type { ObjectStore } from "../../src/io/object_store.ts";

/** What it said, and what it ended with. */
export interface Inspected {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `klite inspect` with these arguments; `bucket` is the store of whoever names one. */
export async function inspectCli(args: readonly string[], bucket?: ObjectStore): Promise<Inspected> {
  const process = new ProcessInMemory(["inspect", ...args]);
  const refuse = () => Promise.reject(new Error("not asked for"));
  const clock = new DenoClock();
  const world: World = {
    ...{ process, openLog: refuse, openBroker: refuse, openDoctor: refuse },
    openProbe: () => Promise.resolve({ clock, dialer: new DenoDialer(), http: new DenoHttp() }),
    openInspection: (dataDir, config) => {
      const disk = new DenoDisk(dataDir);
      const directory = config.kind === "directory" ? config.directory : "";
      const store = config.kind === "s3" ? bucket : new DirectoryStore({ disk, clock, directory });
      if (store === undefined) throw new Error("this test has no bucket");
      return Promise.resolve({ clock, disk, store });
    },
  };
  const code = await runCli(world);
  return { code, out: process.out, err: process.err };
}
