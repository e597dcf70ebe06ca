/** Programs that run beside a test and are spoken to through pipes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { PreparedProgram } from "./programs.ts";

/** Those that run now. */
const running = new Set<ChildProcessWithoutNullStreams>();

/** Starts one. */
export function startProgram(
  program: PreparedProgram,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const [command = "", ...rest] = [...program.command, ...args];
  const child = spawn(command, rest, { stdio: "pipe", env: { ...Deno.env.toObject(), ...program.env } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  // One that has ended breaks the pipe; that it has is seen elsewhere.
  child.stdin.on("error", () => {});
  return child;
}

/** Kills all that were started: a run that is given up leaves nobody behind. */
export function killPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
}
