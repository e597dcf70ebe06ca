/** Runs other people's programs to their end and says what went wrong when they fail. */

/** How a program is run; times in milliseconds. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the program's standard input, which is closed otherwise. */
  readonly stdin?: Uint8Array;
  /** The program is killed and the run fails when it takes longer. Default: five minutes. */
  readonly timeoutMs?: number;
}

/** What a program that exited with 0 printed. */
export interface RunResult {
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** A program that did not end with exit code 0 in time; the message carries the end of what it printed. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** The programs that run now. */
const running = new Set<Deno.ChildProcess>();

/** Kills every program that {@link runCommand} still waits for: a run that is given up leaves nobody behind. */
export function killRunningCommands(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Runs `command` (program and arguments) and waits. Throws {@link CommandError} unless it exits with 0. */
export async function runCommand(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = command;
  if (program === undefined) throw new CommandError("no program given");
  const began = performance.now();
  const timeoutMs = options.timeoutMs ?? 300_000;
  const child = spawn(program, args, options);
  running.add(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  try {
    const [output] = await Promise.all([child.output(), feed(child, options.stdin)]);
    const stderr = new TextDecoder().decode(output.stderr);
    if (!output.success) {
      const cause = timedOut ? `took longer than ${timeoutMs} ms` : `ended with code ${output.code}`;
      const said = lastLines(stderr) || lastLines(new TextDecoder().decode(output.stdout));
      throw new CommandError(`${brief(command)} ${cause}: ${said}`);
    }
    return { stdout: output.stdout, stderr, elapsedMs: performance.now() - began };
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** Whether `program` is found on PATH. */
export async function onPath(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'command -v "$0"', program],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

function spawn(program: string, args: string[], options: RunOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new CommandError(`${program} is not installed`);
    throw error;
  }
}

/** Writes all of the input. A program that exits early breaks the pipe; its exit code tells the story. */
async function feed(child: Deno.ChildProcess, input: Uint8Array | undefined): Promise<void> {
  if (input === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(input);
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function brief(command: readonly string[]): string {
  const line = command.join(" ");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-6).join("\n").slice(-2_000);
}
