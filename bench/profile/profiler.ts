/** Takes a profile of a broker while a load runs: from the moment that counts to the moment it ends. */
import { InspectorSession } from "./inspector.ts";
import type { AllocationProfile, CpuProfile, ProfileOrder, TakenProfile } from "./model.ts";
import { mapAllocations, mapCpuProfile, type SourceMaps } from "./mapped.ts";
import { SourceMap } from "./source_map.ts";
import { threadCpuSeconds } from "../measure/process.ts";

/** Fine enough to see what takes a thousandth of a second of CPU, coarse enough not to be seen itself. */
const CPU_INTERVAL_MICROS = 250;
const ALLOCATION_INTERVAL_BYTES = 8 * 1024;

/** A profile that was begun. */
export class RunningProfile {
  readonly #order: ProfileOrder;
  readonly #pid: number;
  readonly #session: InspectorSession;
  readonly #threadsBefore: ReadonlyMap<string, number>;
  readonly #maps: Map<string, SourceMap>;

  private constructor(
    order: ProfileOrder,
    pid: number,
    session: InspectorSession,
    maps: Map<string, SourceMap>,
  ) {
    this.#order = order;
    this.#pid = pid;
    this.#session = session;
    this.#threadsBefore = threadCpuSeconds(pid);
    this.#maps = maps;
  }

  /** Begins as ordered; `pid` is the broker's process. */
  static async begin(order: ProfileOrder, pid: number): Promise<RunningProfile> {
    const maps = new Map<string, SourceMap>();
    const session = await InspectorSession.open(order.inspector, (method, params) => {
      if (method !== "Debugger.scriptParsed") return;
      const { url, sourceMapURL } = params as { readonly url: string; readonly sourceMapURL?: string };
      const map = SourceMap.fromUrl(sourceMapURL ?? "");
      if (map !== null) maps.set(url, map);
    });
    if (order.kind === "cpu") {
      await session.call("Profiler.enable");
      await session.call("Profiler.setSamplingInterval", { interval: CPU_INTERVAL_MICROS });
      await session.call("Profiler.start");
    } else {
      await session.call("HeapProfiler.enable");
      await session.call("HeapProfiler.startSampling", {
        samplingInterval: ALLOCATION_INTERVAL_BYTES,
        // What was freed again was allocated, too.
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      });
    }
    return new RunningProfile(order, pid, session, maps);
  }

  /** Ends it and writes the file. */
  async end(): Promise<void> {
    const threads = threadCpuSeconds(this.#pid);
    for (const [name, before] of this.#threadsBefore) {
      threads.set(name, (threads.get(name) ?? before) - before);
    }
    try {
      const taken = this.#order.kind === "cpu"
        ? { cpu: await this.#cpuProfile(), allocations: null }
        : { cpu: null, allocations: await this.#allocations() };
      const profile: TakenProfile = { ...taken, threads: Object.fromEntries(threads) };
      await Deno.writeTextFile(this.#order.file, JSON.stringify(profile));
    } finally {
      this.#session.close();
    }
  }

  async #cpuProfile(): Promise<CpuProfile> {
    const { profile } = await this.#session.call<{ readonly profile: CpuProfile }>("Profiler.stop");
    return mapCpuProfile(profile, await this.#sourceMaps());
  }

  async #allocations(): Promise<AllocationProfile> {
    const { profile } = await this.#session.call<{ readonly profile: AllocationProfile }>(
      "HeapProfiler.stopSampling",
    );
    return { head: mapAllocations(profile.head, await this.#sourceMaps()) };
  }

  /** Asked for at the end only: a debugger that watches slows a process down. */
  async #sourceMaps(): Promise<SourceMaps> {
    // All scripts are named before the call returns.
    await this.#session.call("Debugger.enable");
    return this.#maps;
  }
}
