import type { RunningSystem, System } from "./system.ts";

/**
 * The systems of one round. All run side by side and only one is loaded at a time,
 * so that what disturbs the machine for a while disturbs all of them alike.
 */
export class Fleet {
  readonly #running = new Map<System, RunningSystem>();
  readonly #broken = new Map<System, string>();

  /** Starts what does not run yet. A system that did not come up is not tried again in this fleet. */
  async start(system: System): Promise<RunningSystem> {
    const running = this.#running.get(system);
    if (running !== undefined && running.endedWith === null) return running;
    const broken = this.#broken.get(system);
    if (broken !== undefined) throw new Error(broken);
    if (running !== undefined) await this.#stop(system, running);
    try {
      const started = await system.start();
      this.#running.set(system, started);
      return started;
    } catch (error) {
      this.#broken.set(system, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Stops all and removes their data. */
  async stop(): Promise<void> {
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
