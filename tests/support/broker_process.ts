/** klite itself as a child process, started the way `deno task start` starts it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./broker_ready.ts";
import { launchBroker, makeBrokerFolders, RunningBroker } from "./running_broker.ts";

/** How to start klite; every field has a default. */
export interface BrokerProcessOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Data directory, kept afterwards. Default: a temporary one, removed by `stop` and `kill`. */
  readonly dir?: string;
  /** More command line flags, behind `--listen` and `--data-dir`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A port that answers without TLS, when that of `--listen` does not. */
  readonly readyPort?: number;
  /** More flags for `deno run`, such as `--v8-flags=…`. */
  readonly denoFlags?: readonly string[];
  /** How long it may take to its first answer, in milliseconds. Default: 30 s. */
  readonly readyTimeoutMs?: number;
}

/** A running klite. */
export class BrokerProcess extends RunningBroker {
  /** Starts klite and waits until it answers ApiVersions. Throws with its output when it does not. */
  static async start(options: BrokerProcessOptions = {}): Promise<BrokerProcess> {
    const port = options.port ?? freePort();
    const { variables, command } = await startTask(options.denoFlags ?? []);
    const folders = await makeBrokerFolders(options.dir);
    const launched = await launchBroker({
      command: [
        ...command,
        "--listen",
        `127.0.0.1:${port}`,
        "--data-dir",
        folders.dir,
        ...(options.flags ?? []),
      ],
      env: { ...variables, ...options.env },
      cwd: PROJECT_ROOT,
      port,
      ...(options.readyPort === undefined ? {} : { readyPort: options.readyPort }),
      folders,
      readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
    });
    return new BrokerProcess(launched);
  }
}

const PROJECT_ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The command of the `start` task, so that tests run klite with exactly the permissions its users give it. */
export async function startCommand(denoFlags: readonly string[]): Promise<[string, ...string[]]> {
  return (await startTask(denoFlags)).command;
}

/** The `start` task: variables that stand before its command, and the command itself. */
async function startTask(denoFlags: readonly string[]): Promise<{
  readonly variables: Readonly<Record<string, string>>;
  readonly command: [string, ...string[]];
}> {
  const config: unknown = JSON.parse(await Deno.readTextFile(join(PROJECT_ROOT, "deno.json")));
  const task = property(property(config, "tasks"), "start");
  const text = typeof task === "string" ? task : property(task, "command");
  if (typeof text !== "string") throw new Error("deno.json has no start task");
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => !word.includes("="));
  const [deno, run, ...rest] = words.slice(at);
  if (deno !== "deno" || run !== "run") throw new Error(`the start task is not a deno run: ${text}`);
  return {
    variables: Object.fromEntries(words.slice(0, at).map((word) => word.split("=", 2))),
    command: [Deno.execPath(), "run", ...denoFlags, ...rest],
  };
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
