/** A data directory that outlives the brokers that use it, and can be harmed between them. */
import { join } from "node:path";
import { BrokerProcess, type BrokerProcessOptions } from "../support/broker_process.ts";
import { WireClient } from "../support/wire_client.ts";

/** Small log files, so that a test fills more than one. */
const SMALL_SEGMENTS = ["--wal-segment-max-bytes=2MiB", "--chunk-pool-memory=4MiB"];

/** How a broker's life ends. */
export type End = "stop" | "kill";

export class DataDir implements AsyncDisposable {
  readonly path: string;
  readonly #owned: string;

  private constructor(path: string, owned: string) {
    this.path = path;
    this.#owned = owned;
  }

  static async make(): Promise<DataDir> {
    const folder = await Deno.makeTempDir({ prefix: "klite-crash-" });
    return new DataDir(join(folder, "data"), folder);
  }

  /** One that does not exist yet. */
  static at(path: string): DataDir {
    return new DataDir(path, path);
  }

  /** Starts klite on it; `flags` come behind those for small segments. */
  start({ flags = [], ...rest }: BrokerProcessOptions = {}): Promise<BrokerProcess> {
    return BrokerProcess.start({ ...rest, dir: this.path, flags: [...SMALL_SEGMENTS, ...flags] });
  }

  /** One life of a broker: a client may use it, then it ends as `end` says. */
  async live<T>(
    end: End,
    use: (client: WireClient, broker: BrokerProcess) => Promise<T>,
    options: BrokerProcessOptions = {},
  ): Promise<T> {
    const broker = await this.start(options);
    let outcome: T;
    try {
      await using client = await WireClient.connect(broker.port);
      outcome = await use(client, broker);
    } catch (error) {
      await broker.kill();
      throw new Error(`with a broker that said:\n${broker.log()}`, { cause: error });
    }
    const { code } = end === "kill" ? await broker.kill() : await broker.stop();
    if (end === "stop" && code !== 0) throw new Error(`exit code ${code}:\n${broker.log()}`);
    return outcome;
  }

  /** What klite says when it refuses to start; throws when it does not refuse. */
  async refusal(options: BrokerProcessOptions = {}): Promise<string> {
    let broker: BrokerProcess;
    try {
      broker = await this.start(options);
    } catch (error) {
      if (error instanceof Error) return error.message;
      throw error;
    }
    await broker.kill();
    throw new Error("klite has started where it should have refused to");
  }

  /** The log's files, oldest name first, with their bytes. */
  async logFiles(): Promise<{ readonly path: string; readonly bytes: Uint8Array }[]> {
    const files = [];
    for await (const entry of Deno.readDir(join(this.path, "wal"))) {
      const path = join(this.path, "wal", entry.name);
      files.push({ path, bytes: await Deno.readFile(path) });
    }
    return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  }

  /** Where `text` stands in the log; throws unless it stands there once. */
  async find(text: string): Promise<{ readonly path: string; readonly position: number }> {
    const places = [];
    for (const { path, bytes } of await this.logFiles()) {
      for (const position of positionsOf(bytes, new TextEncoder().encode(text))) {
        places.push({ path, position });
      }
    }
    const [place] = places;
    if (place === undefined || places.length > 1) throw new Error(`"${text}" stands ${places.length} times`);
    return place;
  }

  /** Turns one bit of a file. */
  async flipBit(path: string, position: number, bit: number): Promise<void> {
    const bytes = await Deno.readFile(path);
    bytes[position] = bytes[position]! ^ (1 << bit);
    await Deno.writeFile(path, bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#owned, { recursive: true });
  }
}

function positionsOf(bytes: Uint8Array, text: Uint8Array): number[] {
  const positions: number[] = [];
  for (let at = bytes.indexOf(text[0]!); at >= 0; at = bytes.indexOf(text[0]!, at + 1)) {
    if (text.every((byte, index) => bytes[at + index] === byte)) positions.push(at);
  }
  return positions;
}
