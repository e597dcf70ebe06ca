import type { RunningBroker } from "../../tests/support/running_broker.ts";
import type { Target } from "../load/job.ts";
import type { RunningSystem } from "./system.ts";

/** A broker that runs as one child process on this machine. */
export class LocalSystem implements RunningSystem {
  readonly #broker: RunningBroker;
  readonly #dir: string;

  /** `dir` holds its data and goes with it. */
  constructor(broker: RunningBroker, dir: string) {
    this.#broker = broker;
    this.#dir = dir;
  }

  get target(): Target {
    return { host: "127.0.0.1", port: this.#broker.port, pids: [this.#broker.pid], dataDir: this.#dir };
  }

  get startMs(): number {
    return this.#broker.startMs;
  }

  get endedWith(): string | null {
    const exit = this.#broker.exit;
    if (exit === null) return null;
    const lastLine = this.#broker.log().trimEnd().split("\n").at(-1) ?? "";
    return `it ended with code ${exit.code}${exit.signal === null ? "" : ` (${exit.signal})`}: ${lastLine}`;
  }

  residentBytes(): number {
    return this.#broker.residentBytes();
  }

  async stop(): Promise<void> {
    try {
      // Its data goes with it, so there is nothing that an orderly end would save.
      await this.#broker.kill();
    } finally {
      await Deno.remove(this.#dir, { recursive: true });
    }
  }
}
