/** The broker that the suites run against: klite or a real Apache Kafka, which can be killed and started again. */
import { ApacheKafka } from "../support/apache_kafka.ts";
import { BrokerProcess } from "../support/broker_process.ts";
import { freePort } from "../support/broker_ready.ts";
import type { RunningBroker } from "../support/running_broker.ts";

/** Which broker. */
export type BrokerKind = "klite" | "kafka";

/** Short sessions of the consumer protocol, so that a crash is noticed soon: by default it takes 45 s. */
const KAFKA_PROPERTIES: Readonly<Record<string, string>> = {
  "group.consumer.min.session.timeout.ms": "6000",
  "group.consumer.session.timeout.ms": "6000",
  "group.consumer.min.heartbeat.interval.ms": "500",
  "group.consumer.heartbeat.interval.ms": "500",
};

const KLITE_FLAGS = [
  "--node-id=1",
  "--group-consumer-session-timeout=6s",
  "--group-consumer-heartbeat-interval=500ms",
];

/** A broker somewhere. */
export interface Restartable {
  readonly bootstrap: string;
  /** Not known of a broker that is not ours. */
  readonly kind?: BrokerKind;
  /** Ends it as a crash would and starts it again on its data; not given for a broker that is not ours. */
  readonly restart?: () => Promise<void>;
}

/** A broker of our own, with a data directory and a port that outlive each of its processes. */
export class OwnBroker implements Restartable, AsyncDisposable {
  readonly kind: BrokerKind;
  readonly #port: number;
  readonly #dir: string;
  #running: RunningBroker;
  #isRestarting = false;

  private constructor(kind: BrokerKind, dir: string, port: number, running: RunningBroker) {
    this.kind = kind;
    this.#dir = dir;
    this.#port = port;
    this.#running = running;
  }

  static async start(kind: BrokerKind): Promise<OwnBroker> {
    const dir = await Deno.makeTempDir({ prefix: "klite-compat-" });
    const port = freePort();
    return new OwnBroker(kind, dir, port, await launch(kind, `${dir}/data`, port));
  }

  get bootstrap(): string {
    return this.#running.bootstrap;
  }

  readonly restart = async (): Promise<void> => {
    this.#isRestarting = true;
    await this.#running.kill();
    this.#running = await launch(this.kind, `${this.#dir}/data`, this.#port);
    this.#isRestarting = false;
  };

  /** Rejects when the broker ends by itself. */
  async end(): Promise<never> {
    for (;;) {
      const { code, signal } = await this.#running.exited;
      if (!this.#isRestarting) {
        throw new Error(`the broker ended by itself, with code ${code}, signal ${signal}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  log(): string {
    return this.#running.log();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.stop();
    await Deno.remove(this.#dir, { recursive: true });
  }
}

function launch(kind: BrokerKind, dir: string, port: number): Promise<RunningBroker> {
  if (kind === "klite") return BrokerProcess.start({ dir, port, flags: KLITE_FLAGS });
  return ApacheKafka.start({
    dir,
    port,
    properties: KAFKA_PROPERTIES,
    // klite has nothing of that feature, which sets a config of all brokers.
    formatArgs: ["--feature", "eligible.leader.replicas.version=0"],
    jvmFlags: ["-Xmx512m", "-XX:+UseG1GC"],
  });
}
