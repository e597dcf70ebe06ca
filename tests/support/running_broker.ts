/**
 * What klite and Apache Kafka have in common as child processes of a test:
 * a port, a data directory, a moment of readiness, a way to be measured and ended.
 */
import { join } from "node:path";
import { untilAnswering } from "./broker_ready.ts";
import { type ServerExit, ServerProcess } from "./server_process.ts";

/** The folders of one broker process. */
export interface BrokerFolders {
  /** The broker's data. */
  readonly dir: string;
  /** Log and configuration; removed when the broker has ended. */
  readonly scratch: string;
}

/** A process to be started and waited for. */
export interface BrokerLaunch {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly port: number;
  /** Where it is asked whether it serves. Default: `port`. */
  readonly readyPort?: number;
  readonly folders: BrokerFolders;
  readonly readyTimeoutMs: number;
}

/** A started process that has answered its first request. */
export interface LaunchedBroker {
  readonly process: ServerProcess;
  readonly port: number;
  readonly folders: BrokerFolders;
  readonly startMs: number;
}

/** Makes the folders for one start. Without `dir` the data lives in the scratch folder and goes with it. */
export async function makeBrokerFolders(dir: string | undefined): Promise<BrokerFolders> {
  const scratch = await Deno.makeTempDir({ prefix: "klite-broker-" });
  return { dir: dir ?? join(scratch, "data"), scratch };
}

/** Starts the process and waits for its first answer. Throws with the end of its output when there is none. */
export async function launchBroker(launch: BrokerLaunch): Promise<LaunchedBroker> {
  const { folders, port, readyPort = port } = launch;
  const began = performance.now();
  const process = ServerProcess.spawn({
    command: launch.command,
    env: launch.env ?? {},
    ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    logFile: join(folders.scratch, "broker.log"),
  });
  try {
    await untilAnswering("127.0.0.1", readyPort, () => process.assertAlive(), launch.readyTimeoutMs);
  } catch (error) {
    const end = await process.kill();
    const said = process.logTail();
    await Deno.remove(folders.scratch, { recursive: true });
    throw new Error(`the broker did not start (exit code ${end.code}); it said:\n${said}`, { cause: error });
  }
  return { process, port, folders, startMs: performance.now() - began };
}

/** A broker on 127.0.0.1 that runs as a child process. */
export abstract class RunningBroker {
  readonly port: number;
  /** The data directory: kept after the end when it was handed in, else removed. */
  readonly dir: string;
  /** From the start of the process to the first answered request. */
  readonly startMs: number;
  readonly #process: ServerProcess;
  readonly #scratch: string;
  #finalLog: string | null = null;

  protected constructor({ process, port, folders, startMs }: LaunchedBroker) {
    this.port = port;
    this.dir = folders.dir;
    this.startMs = startMs;
    this.#process = process;
    this.#scratch = folders.scratch;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** `host:port` for a client's list of brokers. */
  get bootstrap(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How it ended, or null while it runs. */
  get exit(): ServerExit | null {
    return this.#process.exit;
  }

  /** Resolves when the process has ended, for whatever reason. */
  get exited(): Promise<ServerExit> {
    return this.#process.exited;
  }

  /** All it has logged so far; after `stop` or `kill`, all it ever logged. */
  log(): string {
    return this.#finalLog ?? this.#process.log();
  }

  /** Resident memory now, in bytes. */
  residentBytes(): number {
    return this.#process.residentBytes();
  }

  /** The highest resident memory so far, in bytes. */
  peakResidentBytes(): number {
    return this.#process.peakResidentBytes();
  }

  /** Processor time of all threads so far, user and system, in seconds. */
  cpuSeconds(): number {
    return this.#process.cpuSeconds();
  }

  /** SIGTERM, then waits for the orderly end. SIGKILL and an error when that takes longer than `graceMs`. */
  async stop(graceMs = 60_000): Promise<ServerExit> {
    try {
      return await this.#process.stop(graceMs);
    } finally {
      await this.#cleanUp();
    }
  }

  /** SIGKILL, as a crash would end it. */
  async kill(): Promise<ServerExit> {
    const exit = await this.#process.kill();
    await this.#cleanUp();
    return exit;
  }

  async #cleanUp(): Promise<void> {
    if (this.#finalLog !== null) return;
    this.#finalLog = this.#process.log();
    await Deno.remove(this.#scratch, { recursive: true });
  }
}
