/** A signal that asks the process to end. */
export type StopSignal = "SIGTERM" | "SIGINT";

/** What the process was given, and its way to talk back. */
export interface Process {
  /** Arguments behind the program's name. */
  readonly args: readonly string[];
  /** Whether stderr is a terminal, and whether it wants no colours. */
  readonly stderrIsTerminal: boolean;
  readonly noColor: boolean;
  /** Name and version of the runtime and the platform, for `klite version`. */
  readonly runtime: string;
  /** An environment variable, `undefined` when it is not set. */
  variable(name: string): string | undefined;
  /** Data goes here. A reader that has gone away is not an error. */
  writeOut(text: string): void;
  /** Talk goes here. Never throws. */
  writeErr(text: string): void;
  /** Calls `handler` for every stop signal from now on; one that arrives twice at once is one. */
  onStopSignal(handler: (signal: StopSignal) => void): void;
  /** Calls `handler` with whatever nobody has caught; the process then lives on until it is told to exit. */
  onUncaught(handler: (error: unknown) => void): void;
  /** Ends the process at once. */
  exit(code: number): never;
}
