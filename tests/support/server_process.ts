/**
 * A server as a child process of a test: started with its output in a file,
 * watched, measured and ended. Reads /proc, so it works on Linux only.
 */

/** What to start. */
export interface ServerCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Receives standard output and standard error. */
  readonly logFile: string;
}

/** How a process ended. */
export interface ServerExit {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** Clock ticks per second in /proc/PID/stat: 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** One running child process. */
export class ServerProcess {
  readonly logFile: string;
  readonly #child: Deno.ChildProcess;
  readonly #exited: Promise<ServerExit>;
  #exit: ServerExit | null = null;

  private constructor(child: Deno.ChildProcess, logFile: string) {
    this.#child = child;
    this.logFile = logFile;
    this.#exited = child.status.then(({ code, signal }) => {
      this.#exit = { code, signal };
      return this.#exit;
    });
  }

  /** Starts the program; `exec` in a shell that redirects, so the pid is the program's own. */
  static spawn({ command, env = {}, cwd, logFile }: ServerCommand): ServerProcess {
    const child = new Deno.Command("sh", {
      args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", logFile, ...command],
      env: { ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new ServerProcess(child, logFile);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** How it ended, or null while it runs. */
  get exit(): ServerExit | null {
    return this.#exit;
  }

  /** Resolves when the process has ended by itself or by a signal. */
  get exited(): Promise<ServerExit> {
    return this.#exited;
  }

  /** Throws when the process has ended. */
  assertAlive(): void {
    if (this.#exit === null) return;
    const { code, signal } = this.#exit;
    throw new Error(`the server ended with code ${code}, signal ${signal}`);
  }

  /** All that it has printed. */
  log(): string {
    return Deno.readTextFileSync(this.logFile);
  }

  /** The last lines that it has printed. */
  logTail(lines = 30): string {
    return this.log().trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Sends SIGTERM and waits; SIGKILL and an error when it takes longer than `graceMs`. */
  async stop(graceMs = 60_000): Promise<ServerExit> {
    if (this.#exit === null) this.#child.kill("SIGTERM");
    let tooLate = false;
    const timer = setTimeout(() => {
      tooLate = true;
      this.#child.kill("SIGKILL");
    }, graceMs);
    const exit = await this.#exited;
    clearTimeout(timer);
    if (tooLate) throw new Error(`no end within ${graceMs} ms of SIGTERM:\n${this.logTail()}`);
    return exit;
  }

  /** Ends it at once, with SIGKILL. */
  async kill(): Promise<ServerExit> {
    if (this.#exit === null) this.#child.kill("SIGKILL");
    return await this.#exited;
  }

  /** Resident memory now, in bytes. */
  residentBytes(): number {
    return this.#statusKb("VmRSS") * 1024;
  }

  /** The highest resident memory so far, in bytes. */
  peakResidentBytes(): number {
    return this.#statusKb("VmHWM") * 1024;
  }

  /** Processor time of all its threads so far, user and system, in seconds. */
  cpuSeconds(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
    // The second field is the program's name in parentheses and may hold spaces: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  #statusKb(name: string): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status);
    if (found === null) throw new Error(`process ${this.pid} tells no ${name}`);
    return Number(found[1]);
  }
}
