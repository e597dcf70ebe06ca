import { runCli, type World } from "./src/cli/mod.ts";
import type { TierWorkerConfig } from "./src/broker/mod.ts";
import { BrokerClock } from "./src/io/deno/broker_clock.ts";
import { DenoDisk } from "./src/io/deno/disk.ts";
import { DenoFiles } from "./src/io/deno/files.ts";
import { DenoHttp } from "./src/io/deno/http.ts";
import { openLog } from "./src/io/deno/log.ts";
import { DenoNetwork } from "./src/io/deno/network.ts";
import { DenoProcess } from "./src/io/deno/process.ts";
import { DenoRandom } from "./src/io/deno/random.ts";
import { DenoTelemetry } from "./src/io/deno/telemetry.ts";

/**
 * Not written as an import: what is, belongs to the program from its first moment, and with it the packages that it
 * may load, which are 5 MB of a broker at rest that has no bucket.
 */
type OpenStore = typeof import("./src/io/deno/open_store.ts");
const OPEN_STORE = new URL("./src/io/deno/open_store.ts", import.meta.url).href;

// The one place where the program and the machine meet. Each command loads what it uses; only what a broker needs of
// the machine is here from the beginning, for every further import() on its way takes longer than reading these files.
const process = new DenoProcess();
const telemetry = new DenoTelemetry();

const world: World = {
  process,

  openLog(level) {
    telemetry.logThreshold.level = level;
    return Promise.resolve(openLog(telemetry.logThreshold, {
      write: (line) => process.writeErr(line),
      text: process.stderrIsTerminal,
      color: process.stderrIsTerminal && !process.noColor,
    }));
  },

  async openBroker(config, events) {
    const { Broker } = await import("./src/broker/mod.ts");
    const io = {
      disk: new DenoDisk(config.dataDir),
      clock: new BrokerClock(),
      random: new DenoRandom(),
      network: new DenoNetwork(),
      http: new DenoHttp(),
      files: new DenoFiles(),
      objects: { open: (objects: TierWorkerConfig) => openObjects(objects) },
      telemetry,
    };
    return await Broker.open(config, io, events);
  },

  async openProbe() {
    const [{ DenoClock }, { DenoDialer }] = await Promise.all([
      import("./src/io/deno/clock.ts"),
      import("./src/io/deno/dial.ts"),
    ]);
    return { clock: new DenoClock(), dialer: new DenoDialer(), http: new DenoHttp() };
  },

  async openDoctor(dataDir) {
    const [{ DenoClock }, { DenoDialer }, { DenoMachine }] = await Promise.all([
      import("./src/io/deno/clock.ts"),
      import("./src/io/deno/dial.ts"),
      import("./src/io/deno/machine.ts"),
    ]);
    const clock = new DenoClock();
    const disk = new DenoDisk(dataDir);
    return {
      clock,
      random: new DenoRandom(),
      dialer: new DenoDialer(),
      network: new DenoNetwork(),
      disk,
      machine: new DenoMachine(dataDir),
      openStore: async (config) => {
        const { openStore }: OpenStore = await import(OPEN_STORE);
        return await openStore(config, disk, clock);
      },
    };
  },

  async openInspection(dataDir, store) {
    const { DenoClock } = await import("./src/io/deno/clock.ts");
    const { openStore }: OpenStore = await import(OPEN_STORE);
    const clock = new DenoClock();
    const disk = new DenoDisk(dataDir);
    return { clock, disk, store: await openStore(store, disk, clock) };
  },
};

/** A Worker ends after so long without a job; the next one starts it again. */
const WORKER_IDLE_MS = 300_000;

async function openObjects(config: TierWorkerConfig) {
  const [{ remoteJobs }, { JobWorker }, { DenoClock }] = await Promise.all([
    import("./src/broker/mod.ts"),
    import("./src/io/deno/job_worker.ts"),
    import("./src/io/deno/clock.ts"),
  ]);
  // With a bucket there is always something to do soon.
  const idleMs = config.store.kind === "directory" ? WORKER_IDLE_MS : 0;
  const page = new URL("./tier_worker.ts", import.meta.url);
  return await remoteJobs(new JobWorker({ page, config, clock: new DenoClock(), idleMs }), config);
}

process.exit(await runCli(world));
