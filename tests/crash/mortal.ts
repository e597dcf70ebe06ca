import assert from "node:assert/strict";
import type { BrokerProcess, BrokerProcessOptions } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import type { DataDir } from "./data_dir.ts";

/** What happens while it is down; gets the process that has ended. */
type Meanwhile = (ended: BrokerProcess) => Promise<void>;

const NOTHING: Meanwhile = () => Promise.resolve();

/** A broker that is ended and started again, always at the same port. */
export class Mortal implements AsyncDisposable {
  readonly port: number;
  readonly #dir: DataDir;
  readonly #options: BrokerProcessOptions;
  #broker: BrokerProcess;
  #stops = 0;

  private constructor(dir: DataDir, options: BrokerProcessOptions, broker: BrokerProcess) {
    this.port = broker.port;
    this.#dir = dir;
    this.#options = options;
    this.#broker = broker;
  }

  static async start(dir: DataDir, options: BrokerProcessOptions = {}): Promise<Mortal> {
    const lasting = { ...options, port: options.port ?? freePort() };
    return new Mortal(dir, lasting, await dir.start(lasting));
  }

  /** The process that lives now. */
  get broker(): BrokerProcess {
    return this.#broker;
  }

  /** Orderly stops so far. */
  get stops(): number {
    return this.#stops;
  }

  async kill(meanwhile = NOTHING): Promise<void> {
    await this.#broker.kill();
    await meanwhile(this.#broker);
    this.#broker = await this.#dir.start(this.#options);
  }

  async stop(meanwhile = NOTHING): Promise<void> {
    const end = await this.#broker.stop();
    assert.deepEqual(end, { code: 0, signal: null }, `an orderly stop:\n${this.#broker.log()}`);
    this.#stops++;
    await meanwhile(this.#broker);
    this.#broker = await this.#dir.start(this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.kill();
  }
}
