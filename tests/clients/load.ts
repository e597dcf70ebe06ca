/** Records that come in all the time while a group's members come and go: kafkajs writes them, acks=all. */
import { Kafka, logLevel, type Producer } from "kafkajs";

const PAUSE_MS = 40;

/** A producer that writes to all partitions of a topic until it is told to stop. */
export class Load {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #ends: number[];
  readonly #recordsPerTurn: number;
  readonly #running: Promise<void>;
  #stopped = false;

  private constructor(producer: Producer, topic: string, partitions: number, recordsPerSecond: number) {
    this.#producer = producer;
    this.#topic = topic;
    this.#ends = new Array<number>(partitions).fill(0);
    this.#recordsPerTurn = Math.max(1, Math.round(recordsPerSecond * PAUSE_MS / 1000 / partitions));
    this.#running = this.#run();
    // Whoever stops it hears of a failure.
    this.#running.catch(() => {});
  }

  static async start(
    bootstrap: string,
    topic: string,
    partitions: number,
    recordsPerSecond: number,
  ): Promise<Load> {
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
    const kafka = new Kafka({ clientId: "load", brokers: [bootstrap], logLevel: logLevel.NOTHING, retry });
    const producer = kafka.producer();
    await producer.connect();
    return new Load(producer, topic, partitions, recordsPerSecond);
  }

  /** Ends it; answers the partitions' ends: one behind the last offset that was acknowledged. */
  async stop(): Promise<readonly number[]> {
    this.#stopped = true;
    try {
      await this.#running;
      return this.#ends;
    } finally {
      await this.#producer.disconnect();
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const messages = this.#ends.flatMap((end, partition) =>
        Array.from(
          { length: this.#recordsPerTurn },
          (_, i) => ({ partition, value: `${partition}/${end + i}` }),
        )
      );
      for (
        const { partition, baseOffset } of await this.#producer.send({
          topic: this.#topic,
          acks: -1,
          messages,
        })
      ) {
        this.#ends[partition] = Number(baseOffset) + this.#recordsPerTurn;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
