import type { Process } from "../../io/process.ts";

const WIDTH = 30;

/** How far something has come, on one line of a terminal; nothing at all where there is none. */
export class ProgressBar {
  readonly #process: Process;
  #shown = "";

  constructor(process: Process) {
    this.#process = process;
  }

  show(what: string, done: number, total: number): void {
    if (!this.#process.stderrIsTerminal) return;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const full = Math.floor(share * WIDTH);
    const percent = String(Math.floor(share * 100)).padStart(3);
    const line = `${what.padEnd(8)} [${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${percent} %`;
    if (line === this.#shown) return;
    this.#shown = line;
    this.#process.writeErr(`\r${line}`);
  }

  /** Leaves the line as if it had never been. */
  clear(): void {
    if (this.#shown === "") return;
    this.#process.writeErr(`\r${" ".repeat(this.#shown.length)}\r`);
    this.#shown = "";
  }
}
