import { Histogram } from "../measure/histogram.ts";
import { cpuSeconds, machineCpuSeconds, ownCpuSeconds, peakResidentBytes } from "../measure/process.ts";
import { RunningProfile } from "../profile/profiler.ts";
import type { LoadResult, LoadTimes, Target } from "./job.ts";

/** What the load has seen at one moment. */
interface Sample {
  readonly atMs: number;
  readonly brokerCpuSeconds: number;
  readonly loadCpuSeconds: number;
  readonly machineCpuSeconds: number;
}

/**
 * The stretch of a load that counts. Loads run from start to stop and note every
 * answer; what is noted outside the window is dropped.
 */
export class MeasuringWindow {
  readonly #latency = new Histogram();
  readonly #target: Target;
  #isOpen = false;
  #isStopping = false;
  #records = 0;
  #bytes = 0;
  #requests = 0;
  readonly #cut = Promise.withResolvers<void>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** True while what is noted counts. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** True once no more requests are to be sent. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Notes one answered request that took `latencyMs`. */
  note(latencyMs: number, records: number, bytes: number): void {
    if (!this.#isOpen) return;
    this.#latency.record(latencyMs * 1000);
    this.count(records, bytes);
  }

  /** Notes the latency of single records; {@link count} notes the request that brought them. */
  noteLatency(latencyMs: number, records: number): void {
    if (this.#isOpen) this.#latency.record(latencyMs * 1000, records);
  }

  /** Notes one answered request without its latency. */
  count(records: number, bytes: number): void {
    if (!this.#isOpen) return;
    this.#records += records;
    this.#bytes += bytes;
    this.#requests++;
  }

  /** Ends the window now: the load has used up what it may. */
  cutShort(): void {
    this.#cut.resolve();
  }

  /**
   * Warms up, measures, tells the load to stop and waits for it to end.
   * `load` must resolve once {@link isStopping} is true and all answers are in.
   */
  async measure(load: Promise<unknown>, { warmupMs, windowMs }: LoadTimes): Promise<LoadResult> {
    // A load that fails ends the wait; one that ends by itself is not expected to before it is told.
    const ended = load.then(() => {});
    await this.#sleep(warmupMs, ended);
    const { profile: order, pids } = this.#target;
    const profile = order === undefined ? null : await RunningProfile.begin(order, pids[0]!);
    const before = this.#sample();
    this.#isOpen = true;
    await this.#sleep(windowMs, ended);
    this.#isOpen = false;
    const after = this.#sample();
    this.#isStopping = true;
    await Promise.all([load, profile?.end()]);
    const latency = this.#latency.summary();
    if (this.#requests === 0) {
      throw new Error(
        "nothing was answered within the window, or all that may be written was before: try fewer --seconds",
      );
    }
    const brokerCpuSeconds = after.brokerCpuSeconds - before.brokerCpuSeconds;
    const loadCpuSeconds = after.loadCpuSeconds - before.loadCpuSeconds;
    const machineSeconds = after.machineCpuSeconds - before.machineCpuSeconds;
    return {
      windowMs: after.atMs - before.atMs,
      records: this.#records,
      bytes: this.#bytes,
      requests: this.#requests,
      latency,
      slowestShare: null,
      brokerCpuSeconds,
      brokerPeakBytes: this.#target.pids.reduce((sum, pid) => sum + peakResidentBytes(pid), 0),
      loadCpuSeconds,
      othersCpuSeconds: Math.max(0, machineSeconds - brokerCpuSeconds - loadCpuSeconds),
    };
  }

  #sample(): Sample {
    return {
      atMs: performance.now(),
      brokerCpuSeconds: this.#target.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
      loadCpuSeconds: ownCpuSeconds(),
      machineCpuSeconds: machineCpuSeconds(),
    };
  }

  async #sleep(durationMs: number, ended: Promise<void>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, durationMs);
    });
    await Promise.race([slept, ended, this.#cut.promise]);
    clearTimeout(timer);
  }
}
