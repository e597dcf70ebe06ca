import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { startProgram } from "../child_program.ts";
import type { PreparedProgram } from "../programs.ts";

/** Kafka's tools in one process: KafkaTools.java. */
export class ToolProcess implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(program: PreparedProgram, bootstrap: string) {
    this.#child = startProgram(program, [bootstrap]);
    this.#child.stderr.resume();
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs one tool; answers the lines that it has printed. */
  async run(words: readonly string[]): Promise<string[]> {
    this.#child.stdin.write(`${words.join("\t")}\n`);
    const lines: string[] = [];
    for (let left = Number(await this.#next()); left > 0; left--) lines.push(await this.#next());
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    while (!(await this.#lines.next()).done);
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the program with the tools has ended");
    return value;
  }
}
