/** klite processes on one bucket, each life with the data directory that it is given. */
import type { InspectReport } from "../../src/broker/inspect/mod.ts";
import { BrokerProcess, startCommand } from "./broker_process.ts";
import { S3Server } from "./s3_server.ts";

/** Short times, so that nobody waits: what they are is not what is tested. */
const TIMES = [
  ...["--s3-flush-interval=300ms", "--s3-flush-check-interval=100ms"],
  ...["--lease-duration=3s", "--lease-renew-interval=1s", "--lease-retry-interval=500ms"],
];
const POLL_MS = 200;

/** What `klite inspect` said. */
export interface Inspected {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** An S3 server with what brokers need to use it. */
export class BucketCluster implements AsyncDisposable {
  readonly s3: S3Server;
  readonly #folder: string;

  private constructor(s3: S3Server, folder: string) {
    this.s3 = s3;
    this.#folder = folder;
  }

  static async start(): Promise<BucketCluster> {
    return new BucketCluster(await S3Server.start(), await Deno.makeTempDir({ prefix: "klite-bucket-" }));
  }

  get flags(): string[] {
    return [`--s3-bucket=${this.s3.bucket}`, `--s3-endpoint=${this.s3.endpoint}`];
  }

  /** A data directory by its name here. */
  dir(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Starts klite on a directory; throws with what it said if it does not come up. */
  start(name: string, ...flags: readonly string[]): Promise<BrokerProcess> {
    return BrokerProcess.start({
      dir: this.dir(name),
      env: this.s3.env,
      flags: [...TIMES, ...this.flags, ...flags],
    });
  }

  /** Runs `klite inspect` with these flags. */
  async inspect(...flags: readonly string[]): Promise<Inspected> {
    const [program, ...args] = await startCommand([]);
    const command = new Deno.Command(program, {
      args: [...args, "inspect", ...flags],
      cwd: new URL("../../", import.meta.url),
      env: this.s3.env,
    });
    const { code, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), err: text.decode(stderr) };
  }

  async report(...flags: readonly string[]): Promise<InspectReport> {
    const { out, err } = await this.inspect(...flags, "-o", "json");
    if (out === "") throw new Error(err);
    return JSON.parse(out);
  }

  /** Waits until a stored snapshot names objects of the topic's first partition up to that offset. */
  async untilStored(topic: string, endOffset: number): Promise<void> {
    for (;;) {
      const report = await this.report(...this.flags, "--topic", topic);
      const partition = report.clusters[0]?.topics[0]?.partitions[0];
      if (partition?.storedEndOffset === endOffset && partition.unnamedObjects === 0) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
