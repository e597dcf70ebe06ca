import { join } from "node:path";
import { BrokerProcess } from "../../tests/support/broker_process.ts";
import type { S3Server } from "../../tests/support/s3_server.ts";
import type { LoadTimes, Target } from "../load/job.ts";
import { cpuSeconds, residentBytes } from "../measure/process.ts";
import type { TierColumn, TierPart, TierRow, TierValues } from "../report/tier_model.ts";

const MEGABYTE = 1_000_000;
const SAMPLE_MS = 10;
const LAST_WORDS = 2000;
const READY_TIMEOUT_MS = 120_000;
const FLUSH_GRACE_MS = 180_000;

/** Where and how the figures of objects are taken. */
export interface TierSite {
  readonly server: S3Server;
  /** Where brokers keep their data. */
  readonly dir: string;
  readonly times: LoadTimes;
  readonly rows: TierRows;
  /** All that have not been disposed of: whoever is interrupted does that. */
  readonly homes: Set<Home>;
}

/** What was measured so far. */
export class TierRows {
  readonly #rows = new Map<string, TierRow & { readonly runs: TierValues[] }>();

  constructor(readonly progress: (line: string) => void) {}

  note(
    part: TierPart,
    { name, title }: { readonly name: string; readonly title: string },
    values: TierValues,
  ) {
    const row = this.#rows.get(name) ?? { part, name, title, runs: [] };
    row.runs.push(values);
    this.#rows.set(name, row);
    const said = Object.entries(values).map(([column, value]) => `${column} ${value.toPrecision(3)}`);
    this.progress(`${name}: ${said.join(", ")}`);
  }

  /** In the order in which each was first noted. */
  all(): TierRow[] {
    return [...this.#rows.values()];
  }
}

/** One cluster of the bench: its data directory, and its folder of the bucket. */
export class Home implements AsyncDisposable {
  readonly #site: TierSite;
  readonly #dir: string;
  readonly #name: string;
  #broker: BrokerProcess | null = null;
  #starting: Promise<BrokerProcess> | null = null;

  constructor(site: TierSite) {
    this.#site = site;
    this.#name = `c${crypto.randomUUID().slice(0, 8)}`;
    this.#dir = join(site.dir, this.#name);
    site.homes.add(this);
  }

  /** The broker that was started last. */
  get broker(): BrokerProcess {
    if (this.#broker === null) throw new Error("no broker was started");
    return this.#broker;
  }

  get target(): Target {
    return { host: "127.0.0.1", port: this.broker.port, pids: [this.broker.pid], dataDir: this.#dir };
  }

  /** Starts a broker on what is there. */
  async start(
    options: {
      readonly bucket: boolean;
      readonly flags?: readonly string[];
      readonly env?: Record<string, string>;
    },
  ): Promise<BrokerProcess> {
    const { server } = this.#site;
    const { bucket, flags = [], env = {} } = options;
    this.#starting = BrokerProcess.start({
      dir: join(this.#dir, "data"),
      env: { ...server.env, ...env },
      flags: [
        `--cluster-id=${this.#name}`,
        ...(bucket ? [`--s3-bucket=${server.bucket}`, `--s3-endpoint=${server.endpoint}`] : []),
        ...flags,
      ],
      readyTimeoutMs: READY_TIMEOUT_MS,
    });
    return this.#broker = await this.#starting;
  }

  /** Asks the broker to end, which stores all that is in no object, and tells what that took. */
  async stop(): Promise<Ending> {
    const { server } = this.#site;
    const { broker } = this;
    const watch = new ProcessWatch(broker.pid);
    const serverCpu = cpuSeconds(server.process.pid);
    const since = performance.now();
    const stopping = broker.stop(FLUSH_GRACE_MS);
    const exit = await watch.until(stopping);
    const { code } = exit;
    if (code !== 0) {
      throw new Error(`the broker ended with code ${code}:\n${broker.log().slice(-LAST_WORDS)}`);
    }
    const { objects, bytes } = await this.stored();
    return {
      seconds: (performance.now() - since) / 1000,
      cpuSeconds: watch.cpuSeconds,
      peakBytes: watch.peakBytes,
      serverCpuSeconds: cpuSeconds(server.process.pid) - serverCpu,
      objects,
      objectBytes: bytes,
    };
  }

  /** The objects that the bucket has of this cluster. */
  async stored(): Promise<{ readonly objects: number; readonly bytes: number }> {
    const found = { objects: 0, bytes: 0 };
    await countObjects(join(this.#site.server.bucketFolder, `klite-${this.#name}`), found);
    return found;
  }

  /** What a broken disk does. */
  async loseDisk(): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#site.homes.delete(this)) return;
    // One that is on its way up has to arrive before it can be ended.
    await Promise.allSettled([this.#starting]);
    const broker = this.#broker;
    // One that has ended by itself tells why.
    if (broker !== null && (broker.exit?.code ?? 0) !== 0) {
      this.#site.rows.progress(broker.log().slice(-LAST_WORDS));
    }
    await broker?.kill();
    for (const folder of [this.#dir, join(this.#site.server.bucketFolder, `klite-${this.#name}`)]) {
      await removeIfThere(folder);
    }
  }
}

/** How a broker ended. */
export interface Ending {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly serverCpuSeconds: number;
  readonly objects: number;
  readonly objectBytes: number;
}

/** What a process takes from now until it ends, which nobody can ask it afterwards. */
class ProcessWatch {
  readonly #pid: number;
  readonly #cpuBefore: number;
  #cpu: number;
  peakBytes: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#cpuBefore = this.#cpu = cpuSeconds(pid);
    this.peakBytes = residentBytes(pid);
  }

  get cpuSeconds(): number {
    return this.#cpu - this.#cpuBefore;
  }

  async until<T>(end: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#look(), SAMPLE_MS);
    try {
      return await end;
    } finally {
      clearInterval(timer);
    }
  }

  #look(): void {
    try {
      this.peakBytes = Math.max(this.peakBytes, residentBytes(this.#pid));
      this.#cpu = cpuSeconds(this.#pid);
    } catch {
      // It is on its way out and has no memory any more: what was seen last stands.
      return;
    }
  }
}

/** Bytes as megabytes. */
export function inMegabytes(bytes: number): number {
  return bytes / MEGABYTE;
}

/** Seconds of processor time for each megabyte, in milliseconds. */
export function msPerMegabyte(seconds: number, bytes: number): number {
  return seconds * 1000 / inMegabytes(bytes);
}

/** The values that are there. */
export function values(all: Readonly<Partial<Record<TierColumn, number | null>>>): TierValues {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

async function countObjects(folder: string, found: { objects: number; bytes: number }): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await countObjects(path, found);
    if (!name.endsWith(".obj")) continue;
    found.objects++;
    found.bytes += (await Deno.stat(path)).size;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
