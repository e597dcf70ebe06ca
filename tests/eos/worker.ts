/** A program that is started again whenever it ends, as an orchestrator would. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { startProgram } from "../clients/child_program.ts";
import type { PreparedProgram } from "../clients/programs.ts";

const PAUSE_MS = 200;
const END_MS = 30_000;
const LOG_CHARACTERS_MAX = 100_000;

/** One such program. */
export class Worker {
  readonly #program: PreparedProgram;
  readonly #args: readonly string[];
  readonly #done: Promise<void>;
  #child: ChildProcessWithoutNullStreams | null = null;
  #isStopping = false;
  #starts = 0;
  #log = "";

  constructor(program: PreparedProgram, args: readonly string[]) {
    this.#program = program;
    this.#args = args;
    this.#done = this.#run();
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  /** The end of what it has said to standard error. */
  get log(): string {
    return this.#log;
  }

  /** SIGKILL. It is back a moment later. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Closes its standard input and waits for the end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child?.stdin.end();
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), END_MS);
    await this.#done;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#starts++;
      const child = startProgram(this.#program, this.#args);
      this.#child = child;
      child.stdout.resume();
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_CHARACTERS_MAX);
      });
      await once(child, "exit");
      this.#child = null;
      if (!this.#isStopping) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
