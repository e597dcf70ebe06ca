import type { BrokerConfig } from "../broker/mod.ts";
import type { Clock } from "../io/clock.ts";
import type { Disk } from "../io/disk.ts";
import type { ObjectStore } from "../io/object_store.ts";
import type { StoreConfig } from "../io/store_config.ts";
import type { Dialer } from "../io/dial.ts";
import type { EventSink } from "../io/events.ts";
import type { Http } from "../io/http.ts";
import type { Machine } from "../io/machine.ts";
import type { Network } from "../io/network.ts";
import type { LogLevel } from "../io/log_line.ts";
import type { Process } from "../io/process.ts";
import type { Random } from "../io/random.ts";

/** A broker that serves. */
export interface RunningBroker {
  /** Rejects when the broker cannot go on; never fulfilled. */
  readonly failed: Promise<never>;
  /** Finishes what is in flight, makes it durable and ends. */
  stop(reason: string): Promise<void>;
}

/** What `klite health` needs to ask with. */
export interface ProbeIo {
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly http: Http;
}

/** What `klite inspect` looks with. */
export interface InspectionIo {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly store: ObjectStore;
}

/** What `klite doctor` looks with. */
export interface DoctorIo {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly network: Network;
  readonly disk: Disk;
  readonly machine: Machine;
  openStore(config: StoreConfig): Promise<ObjectStore>;
}

/**
 * Everything that the commands reach beyond themselves. Each is made when it is
 * asked for, so that a command loads no more than it uses.
 */
export interface World {
  readonly process: Process;
  openLog(level: LogLevel): Promise<EventSink>;
  openBroker(config: BrokerConfig, events: EventSink): Promise<RunningBroker>;
  openProbe(): Promise<ProbeIo>;
  openInspection(dataDir: string, store: StoreConfig): Promise<InspectionIo>;
  openDoctor(dataDir: string): Promise<DoctorIo>;
}

/** What the process ends with. */
export const ExitCode = {
  ok: 0,
  /** Something went wrong; what, has been said. */
  failed: 1,
  /** The command line or a variable makes no sense. */
  usage: 2,
  /** `klite health`: the broker is not ready, or there is none. `klite inspect`: something is damaged or missing. `klite doctor`: something is wrong. */
  notReady: 10,
} as const;
