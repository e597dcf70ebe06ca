import type { RunningSystem, System } from "./system.ts";

/**
 * The systems of one round. All run side by side and only one is loaded at a time,
 * so that what disturbs the machine for a while disturbs all of them alike.
 */
export class Fleet {
  readonly #running = new Map<System, RunningSystem>();
  readonly #broken = new Map<System, string>();
  #starting: Promise<RunningSystem> | null = null;

  /** Starts what does not run yet. A system that did not come up is not tried again in this fleet. */
  async start(system: System): Promise<RunningSystem> {
    const running = this.#running.get(system);
    if (running !== undefined && running.endedWith === null) return running;
    const broken = this.#broken.get(system);
    if (broken !== undefined) throw new Error(broken);
    if (running !== undefined) await this.#stop(system, running);
    try {
      this.#starting = system.start();
      const started = await this.#starting;
      this.#running.set(system, started);
      return started;
    } catch (error) {
      this.#broken.set(system, error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      this.#starting = null;
    }
  }

  /** Stops all and removes their data. */
  async stop(): Promise<void> {
    // One that is on its way up has to arrive before it can be stopped.
    if (this.#starting !== null) await Promise.allSettled([this.#starting]);
    const stopped = await Promise.allSettled(
      [...this.#running].map(([system, running]) => this.#stop(system, running)),
    );
    for (const result of stopped) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  async #stop(system: System, running: RunningSystem): Promise<void> {
    this.#running.delete(system);
    await running.stop();
  }
}
