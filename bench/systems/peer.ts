import { freePort } from "../../tests/support/broker_ready.ts";
import { launchBroker, type LaunchedBroker, makeBrokerFolders } from "../../tests/support/running_broker.ts";
import type { Target } from "../load/job.ts";
import { processTree, residentBytes } from "../measure/process.ts";
import type { RunningSystem, System } from "./system.ts";

const HOST = "127.0.0.1";
const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 30_000;
const LOOK_AGAIN_MS = 20;

/** Another broker, as `--peer` gives it. */
export interface PeerCommand {
  readonly name: string;
  /** For a shell, with `{host}`, `{port}` and `{dir}` where the bench's choice goes. */
  readonly command: string;
}

/**
 * Any other broker: started with its command in a shell, ready when it answers ApiVersions, ended by
 * SIGTERM to all the processes that came of it. CPU and memory are those of all of them.
 */
export function peer(dir: string, { name, command }: PeerCommand): System {
  return {
    name,
    title: `\`${command}\``,
    measuresStart: true,
    version: () => Promise.resolve("as given"),
    start: async () => {
      const data = await Deno.makeTempDir({ dir, prefix: `${name}-` });
      const port = freePort();
      const filled = fillPlaceholders(command, { host: HOST, port: String(port), dir: data });
      const launched = await launchBroker({
        command: ["sh", "-c", filled],
        port,
        folders: await makeBrokerFolders(data),
        readyTimeoutMs: READY_TIMEOUT_MS,
      });
      return new RunningPeer(launched);
    },
  };
}

/** Puts values where their names stand in braces; other braces stay. */
export function fillPlaceholders(command: string, values: Readonly<Record<string, string>>): string {
  return command.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

class RunningPeer implements RunningSystem {
  readonly #launched: LaunchedBroker;

  constructor(launched: LaunchedBroker) {
    this.#launched = launched;
  }

  get target(): Target {
    const { port, folders } = this.#launched;
    return { host: HOST, port, pids: this.#pids(), dataDir: folders.dir };
  }

  get startMs(): number {
    return this.#launched.startMs;
  }

  get endedWith(): string | null {
    const { exit } = this.#launched.process;
    return exit === null ? null : `it ended with code ${exit.code}: ${this.#launched.process.logTail(1)}`;
  }

  residentBytes(): number {
    return this.#pids().reduce((sum, pid) => sum + residentBytes(pid), 0);
  }

  async stop(): Promise<void> {
    const { folders, process } = this.#launched;
    // A shell that is asked to end leaves its children behind: each is asked.
    const pids = this.#pids();
    signalAll(pids, "SIGTERM");
    const giveUpAt = performance.now() + STOP_GRACE_MS;
    while (pids.some(runs) && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    signalAll(pids.filter(runs), "SIGKILL");
    await process.exited;
    for (const dir of new Set([folders.dir, folders.scratch])) await Deno.remove(dir, { recursive: true });
  }

  #pids(): number[] {
    return this.#launched.process.exit === null ? processTree(this.#launched.process.pid) : [];
  }
}

function signalAll(pids: readonly number[], signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      // It ended by itself meanwhile.
      if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
    }
  }
}

/** Whether the process is there and more than a remainder that its parent has not looked at. */
function runs(pid: number): boolean {
  return processTree(pid).includes(pid);
}
