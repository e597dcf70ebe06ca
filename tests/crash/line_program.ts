import type { PreparedProgram } from "../clients/programs.ts";
import { startProgram } from "../clients/child_program.ts";

/** A client's program that prints lines, until it is told to end. */
export class LineProgram {
  readonly lines: string[] = [];
  readonly #child: ReturnType<typeof startProgram>;
  readonly #ended: Promise<void>;
  #said = "";

  constructor(program: PreparedProgram, args: readonly string[]) {
    const child = this.#child = startProgram(program, args);
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.lines.push(...lines);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.#said += text);
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
  }

  /** Throws, with what it said, when it has ended although nobody told it to. */
  assertRunning(): void {
    const { exitCode, spawnfile } = this.#child;
    if (exitCode !== null) {
      throw new Error(`${spawnfile} ended with ${exitCode}:\n${this.#said.slice(-3000)}`);
    }
  }

  /** Closes its input and, where that is not how it is told, sends a signal; resolves when it has finished. */
  async end(signal?: "SIGTERM"): Promise<void> {
    this.assertRunning();
    this.#child.stdin.end();
    if (signal !== undefined) this.#child.kill(signal);
    await this.#ended;
  }
}
