/** What the Streams application is fed: customers at once, then lines of words and orders until it is told to stop. */
import { Kafka, logLevel, type Message, type Producer } from "kafkajs";

const WORDS = ["order", "pay", "ship", "pack", "return", "Grüße", "注文", "заказ"];
const CUSTOMERS = 12;
const PAUSE_MS = 50;
const PER_TURN = 5;

/** A producer of such records. */
export class StreamsFeed {
  readonly #producer: Producer;
  readonly #name: string;
  readonly #running: Promise<void>;
  #made = 0;
  #stopped = false;

  private constructor(producer: Producer, name: string) {
    this.#producer = producer;
    this.#name = name;
    this.#running = this.#run();
    // Whoever stops it hears of a failure.
    this.#running.catch(() => {});
  }

  /** Resolves when the customers are there: an order that comes before its customer is joined with nobody. */
  static async start(bootstrap: string, name: string): Promise<StreamsFeed> {
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 };
    const kafka = new Kafka({ clientId: "feed", brokers: [bootstrap], logLevel: logLevel.NOTHING, retry });
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from(
      { length: CUSTOMERS },
      (_, id) => ({ key: `c${id}`, value: `Customer ${id}` }),
    );
    await producer.send({ topic: `${name}-customers`, acks: -1, messages });
    return new StreamsFeed(producer, name);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    try {
      await this.#running;
    } finally {
      await this.#producer.disconnect();
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const lines: Message[] = [];
      const orders: Message[] = [];
      for (let i = 0; i < PER_TURN; i++) {
        const number = this.#made++;
        const word = (step: number) => WORDS[(number * step) % WORDS.length] ?? "";
        lines.push({ key: `line-${number}`, value: `${word(1)} ${word(3)} ${word(5)}` });
        orders.push({ key: `c${number % CUSTOMERS}`, value: String(number) });
      }
      const topicMessages = [
        { topic: `${this.#name}-lines`, messages: lines },
        { topic: `${this.#name}-orders`, messages: orders },
      ];
      await this.#producer.sendBatch({ acks: -1, topicMessages });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
