/** A real S3 server as a child process: versitygw, which keeps objects as files of a directory. */
import { join } from "node:path";
import { freePort } from "./broker_ready.ts";
import { cached, cacheDir } from "./cache_dir.ts";
import { onPath, runCommand } from "./run_command.ts";
import { ServerProcess } from "./server_process.ts";

const VERSION = "v1.8.0";
const CACHE_NAME = `versitygw-${VERSION}`;
const READY_TIMEOUT_MS = 30_000;
const HEALTH_PATH = "/health";
/** The first build takes a minute or two. */
const BUILD_TIMEOUT_MS = 600_000;

/** How to start it; every field has a default. */
export interface S3ServerOptions {
  /** On 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Made at the start. Default: `klite-test`. */
  readonly bucket?: string;
}

/**
 * Whether tests against the server cannot run here: its program is built with Go. Says so then. Under `CI=true` that
 * is no excuse, and starting it fails.
 */
export async function lacksS3Server(): Promise<boolean> {
  if (Deno.env.get("CI") === "true" || await isBuilt() || await onPath("go")) return false;
  console.warn("Go is not installed: tests against an S3 server are left out.");
  return true;
}

/** A running S3 server with one bucket. Its data outlives {@link stop}, and goes with the object. */
export class S3Server implements AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  readonly bucket: string;
  readonly region = "us-east-1";
  readonly credentials = { accessKeyId: "klite-test-key", secretAccessKey: "klite-test-secret" };
  /** Where the bucket's objects lie, each a file of its key. */
  readonly bucketFolder: string;
  readonly #program: string;
  readonly #folder: string;
  #process: ServerProcess | null = null;

  private constructor(program: string, folder: string, port: number, bucket: string) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.bucket = bucket;
    this.bucketFolder = join(folder, "data", bucket);
  }

  /** Builds the program if need be, makes the bucket and waits until the server answers. */
  static async start(options: S3ServerOptions = {}): Promise<S3Server> {
    const program = join(await cached(CACHE_NAME, build), "versitygw");
    const folder = await Deno.makeTempDir({ prefix: "klite-s3-" });
    const server = new S3Server(program, folder, options.port ?? freePort(), options.bucket ?? "klite-test");
    try {
      await Deno.mkdir(server.bucketFolder, { recursive: true });
      await server.restart();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** What a process needs in its environment to use the server with AWS's standard credential chain. */
  get env(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: this.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.credentials.secretAccessKey,
      AWS_REGION: this.region,
    };
  }

  /** Of the server, to measure it. Throws while it is stopped. */
  get process(): ServerProcess {
    if (this.#process === null) throw new Error("the S3 server is stopped");
    return this.#process;
  }

  /** Nobody listens any more. */
  async stop(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    await process?.kill();
  }

  /** Starts again after {@link stop}, with the same data on the same port. */
  async restart(): Promise<void> {
    await this.stop();
    const process = ServerProcess.spawn({
      command: [
        ...[this.#program, "--port", `127.0.0.1:${this.port}`, "--region", this.region, "--quiet"],
        ...["--health", HEALTH_PATH, "posix", join(this.#folder, "data")],
      ],
      env: {
        ROOT_ACCESS_KEY: this.credentials.accessKeyId,
        ROOT_SECRET_KEY: this.credentials.secretAccessKey,
      },
      logFile: join(this.#folder, "server.log"),
    });
    this.#process = process;
    await this.#untilReady(process);
  }

  /** It takes connections and bytes, and answers nothing. */
  pause(): void {
    Deno.kill(this.process.pid, "SIGSTOP");
  }

  resume(): void {
    Deno.kill(this.process.pid, "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #untilReady(process: ServerProcess): Promise<void> {
    const endMs = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.#isReady())) {
      process.assertAlive();
      if (performance.now() > endMs) throw new Error(`the S3 server does not answer:\n${process.logTail()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      const answer = await fetch(this.endpoint + HEALTH_PATH);
      await answer.body?.cancel();
      return answer.ok;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }
}

async function build(folder: string): Promise<void> {
  await runCommand(["go", "install", `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
    env: { GOBIN: folder },
    timeoutMs: BUILD_TIMEOUT_MS,
  });
}

async function isBuilt(): Promise<boolean> {
  try {
    return (await Deno.stat(join(cacheDir(), CACHE_NAME))).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
