import type { Process, StopSignal } from "../../io/process.ts";

/** Thrown by `exit`, since it must not return. */
export class Exited extends Error {
  constructor(readonly code: number) {
    super(`exited with ${code}`);
  }
}

/** A process for tests: what it says is kept, its signals are raised by hand. */
export class ProcessInMemory implements Process {
  readonly args: readonly string[];
  readonly stderrIsTerminal = false;
  readonly noColor = true;
  readonly runtime = "test 1.0";
  out = "";
  err = "";
  readonly #variables: Readonly<Record<string, string>>;
  #onStopSignal: (signal: StopSignal) => void = () => {};
  #onUncaught: (error: unknown) => void = () => {};

  constructor(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    this.args = args;
    this.#variables = variables;
  }

  variable(name: string): string | undefined {
    return this.#variables[name];
  }

  writeOut(text: string): void {
    this.out += text;
  }

  writeErr(text: string): void {
    this.err += text;
  }

  onStopSignal(handler: (signal: StopSignal) => void): void {
    this.#onStopSignal = handler;
  }

  onUncaught(handler: (error: unknown) => void): void {
    this.#onUncaught = handler;
  }

  exit(code: number): never {
    throw new Exited(code);
  }

  signal(signal: StopSignal): void {
    this.#onStopSignal(signal);
  }

  uncaught(error: unknown): void {
    this.#onUncaught(error);
  }
}
