import type { Process, StopSignal } from "../process.ts";

const encoder = new TextEncoder();

/**
 * One Ctrl-C in a terminal reaches a process twice when a task runner started it:
 * from the terminal, and passed on by the runner. Nobody asks twice that fast.
 */
const SIGNAL_ECHO_MS = 200;

/** The real process. */
export class DenoProcess implements Process {
  readonly args: readonly string[] = Deno.args;
  readonly stderrIsTerminal = Deno.stderr.isTerminal();
  readonly noColor = Deno.noColor;
  readonly runtime = `deno ${Deno.version.deno}, v8 ${Deno.version.v8}, ${Deno.build.os} ${Deno.build.arch}`;

  variable(name: string): string | undefined {
    return Deno.env.get(name);
  }

  writeOut(text: string): void {
    try {
      writeAll(Deno.stdout, text);
    } catch (error) {
      // `klite help | head -1`: the reader has what it wanted.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  writeErr(text: string): void {
    try {
      writeAll(Deno.stderr, text);
    } catch {
      // A broker outlives its terminal or log pipe, and there is no other place to say so.
      return;
    }
  }

  onStopSignal(handler: (signal: StopSignal) => void): void {
    let lastMs = -Infinity;
    const once = (signal: StopSignal): void => {
      const nowMs = performance.now();
      const isEcho = nowMs - lastMs < SIGNAL_ECHO_MS;
      lastMs = nowMs;
      if (!isEcho) handler(signal);
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      // Windows has no SIGTERM to listen for.
      if (signal === "SIGTERM" && Deno.build.os === "windows") continue;
      Deno.addSignalListener(signal, () => once(signal));
    }
  }

  onUncaught(handler: (error: unknown) => void): void {
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      handler(event.error);
    });
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      handler(event.reason);
    });
  }

  exit(code: number): never {
    Deno.exit(code);
  }
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}
