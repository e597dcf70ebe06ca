import { Broker, type BrokerConfig } from "../../src/broker/mod.ts";
import type { Clock } from "../../src/io/clock.ts";
import type { Disk, DiskFile } from "../../src/io/disk.ts";
import type { Listener, Network, Socket } from "../../src/io/network.ts";
import { SimClock } from "../../src/io/sim/clock.ts";
import { SimDisk } from "../../src/io/sim/disk.ts";
import { SimFiles } from "../../src/io/sim/files.ts";
import { SimObjectStore } from "../../src/io/sim/object_store.ts";
import { SimNetwork } from "../../src/io/sim/network.ts";
import { SimRandom } from "../../src/io/sim/random.ts";
import { simTelemetry } from "../../src/io/sim/telemetry.ts";
import { localObjects } from "../support/local_objects.ts";
import { ADDRESS, noHttp, SIM_CONFIG } from "../support/sim_broker.ts";
import { WireClient } from "../support/wire_client.ts";

const WINDOW_BYTES = 1 << 22;

/** What the broker has asked of the world, as far as it costs something there. */
export interface IoCounts {
  /** Writes to the log that are durable when they end. */
  commits: number;
  committedBytes: number;
  /** Other writes to files of the log, syncs of them, and reads from them. */
  logWrites: number;
  logSyncs: number;
  logReads: number;
  socketReads: number;
  socketWrites: number;
  /** Timers that went off. */
  timers: number;
}

function noCounts(): IoCounts {
  return {
    commits: 0,
    committedBytes: 0,
    logWrites: 0,
    logSyncs: 0,
    logReads: 0,
    socketReads: 0,
    socketWrites: 0,
    timers: 0,
  };
}

/** A broker in a simulated world in which everything is counted that the broker does there. */
export class CountedBroker {
  readonly #counts = noCounts();
  readonly clock = new SimClock();
  readonly #network = new SimNetwork({ windowBytes: WINDOW_BYTES });
  readonly #disk = new SimDisk({ clock: this.clock, random: new SimRandom(1) });
  #broker: Broker | undefined;

  static async start(config: Partial<BrokerConfig>): Promise<CountedBroker> {
    const self = new CountedBroker();
    const world = {
      clock: countingClock(self.clock, self.#counts),
      disk: countingDisk(self.#disk, self.#counts),
      random: new SimRandom(2),
    };
    const io = {
      ...world,
      objects: localObjects(world, new SimObjectStore({ clock: self.clock, random: new SimRandom(3) })),
      network: countingNetwork(self.#network, self.#counts),
      http: noHttp,
      files: new SimFiles(self.clock),
      telemetry: simTelemetry(),
    };
    self.#broker = await self.run(Broker.open({ ...SIM_CONFIG, ...config }, io, () => {}));
    // What is made ready in the background is no part of what a test does.
    await self.clock.advance(1000);
    return self;
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.run(promise);
  }

  /** What `action` costs. */
  async cost(action: () => Promise<unknown>): Promise<IoCounts> {
    Object.assign(this.#counts, noCounts());
    await this.run(action());
    return { ...this.#counts };
  }

  /** A client that costs next to nothing itself. */
  connectBare(): BareClient {
    return new BareClient(this.#network.connect(ADDRESS));
  }

  connect(): WireClient {
    const socket = this.#network.connect(ADDRESS);
    return new WireClient({
      read: (into) => socket.read(into),
      write: (bytes) => socket.write(bytes).then(() => bytes.length),
      close: () => socket.close(),
    });
  }

  async stop(): Promise<void> {
    if (this.#broker !== undefined) await this.run(this.#broker.stop("the test is over"));
  }
}

/** Sends frames that were encoded before and looks at nothing but how many answers there are, and the last one. */
export class BareClient {
  readonly #socket: Socket;
  readonly #answers = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#answers.buffer);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends all frames in one write and waits for their answers; the last one, from its correlation id on. */
  async exchange(frames: Uint8Array, count: number): Promise<Uint8Array> {
    const sending = this.#socket.write(frames);
    let held = 0;
    let start = 0;
    for (let answered = 0; answered < count;) {
      held += await this.#socket.read(this.#answers.subarray(held)) ?? 0;
      for (
        let end;
        held - start >= 4 && (end = start + 4 + this.#view.getInt32(start)) <= held;
        start = end
      ) {
        if (++answered === count) return this.#answers.subarray(start + 4, end);
      }
    }
    await sending;
    throw new RangeError("an answer at least is waited for");
  }

  close(): void {
    this.#socket.close();
  }
}

function countingClock(clock: Clock, counts: IoCounts): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (delayMs, callback) =>
      clock.setTimer(delayMs, () => {
        counts.timers++;
        callback();
      }),
  };
}

function countingDisk(disk: Disk, counts: IoCounts): Disk {
  return {
    root: disk.root,
    open: (path, options) => {
      const file = disk.open(path, options);
      return path.endsWith(".wal") ? countingFile(file, counts) : file;
    },
    exists: (path) => disk.exists(path),
    look: (path) => disk.look(path),
    list: (path) => disk.list(path),
    makeDir: (path) => disk.makeDir(path),
    removeDir: (path) => disk.removeDir(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    discard: (path) => disk.discard(path),
    syncDir: (path) => disk.syncDir(path),
    lock: (path) => disk.lock(path),
  };
}

function countingFile(file: DiskFile, counts: IoCounts): DiskFile {
  return {
    path: file.path,
    sizeBytes: () => file.sizeBytes(),
    writeAtSync(bytes, position) {
      counts.logWrites++;
      file.writeAtSync(bytes, position);
    },
    writeAt(bytes, position) {
      counts.logWrites++;
      return file.writeAt(bytes, position);
    },
    writeZeros(length, position) {
      counts.logWrites++;
      return file.writeZeros(length, position);
    },
    writeThrough(bytes, position) {
      counts.commits++;
      counts.committedBytes += bytes.length;
      return file.writeThrough(bytes, position);
    },
    readAtSync(into, position) {
      counts.logReads++;
      return file.readAtSync(into, position);
    },
    readAt(into, position) {
      counts.logReads++;
      return file.readAt(into, position);
    },
    sync() {
      counts.logSyncs++;
      return file.sync();
    },
    close: () => file.close(),
  };
}

function countingNetwork(network: Network, counts: IoCounts): Network {
  return {
    prepareTls: (texts) => network.prepareTls(texts),
    listen(address, tls): Listener {
      const listener = network.listen(address, tls);
      return {
        address: listener.address,
        accept: async () => {
          const socket = await listener.accept();
          return socket === null ? null : countingSocket(socket, counts);
        },
        close: () => listener.close(),
      };
    },
  };
}

function countingSocket(socket: Socket, counts: IoCounts): Socket {
  return {
    remote: socket.remote,
    local: socket.local,
    peer: socket.peer,
    async read(into) {
      const count = await socket.read(into);
      counts.socketReads++;
      return count;
    },
    write(bytes) {
      counts.socketWrites++;
      return socket.write(bytes);
    },
    closeWrite: () => socket.closeWrite(),
    close: () => socket.close(),
  };
}
