/** The client beside the hostile ones: it does everyday things and must notice nothing. */
import { metadataRequest } from "../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../src/protocol/generated/metadata_response.ts";
import { createTopic, fetch, produce, readRecords, textBatch, type TopicRef } from "../support/requests.ts";
import { WireClient } from "../support/wire_client.ts";

/** A pause between rounds, so that it does not take the time that the others need. */
const PAUSE_MS = 10;
const RECORDS_EACH = 3;

/** Produces, fetches what it produced and asks for metadata, over one connection, until it is told to stop. */
export class Bystander {
  readonly #client: WireClient;
  readonly #topic: TopicRef;
  #running: Promise<void>;
  #stopped = false;
  #failure: unknown;
  /** Rounds that went as they should. */
  rounds = 0;
  /** The longest round since {@link takeSlowestMs}. */
  #slowestMs = 0;

  private constructor(client: WireClient, topic: TopicRef) {
    this.#client = client;
    this.#topic = topic;
    this.#running = this.#run();
  }

  static async start(port: number): Promise<Bystander> {
    return await Bystander.with(await WireClient.connect(port));
  }

  /** With a connection of its own that is set up already. */
  static async with(client: WireClient): Promise<Bystander> {
    return new Bystander(client, await createTopic(client, "bystander", { partitions: 1 }));
  }

  /** Throws what went wrong, if anything did. */
  check(): void {
    if (this.#failure !== undefined) {
      throw new Error(`the client beside failed after ${this.rounds} rounds`, { cause: this.#failure });
    }
  }

  /** The longest round since the last call, in milliseconds. */
  takeSlowestMs(): number {
    const slowest = this.#slowestMs;
    this.#slowestMs = 0;
    return slowest;
  }

  /** Waits for a whole round that begins now, so that whatever came before was survived. */
  async nextRound(): Promise<void> {
    for (const until = this.rounds + 2; this.rounds < until && this.#failure === undefined;) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.check();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#client[Symbol.asyncDispose]();
    this.check();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped) {
        const began = performance.now();
        await this.#round();
        this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began);
        this.rounds++;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  async #round(): Promise<void> {
    const offset = this.rounds * RECORDS_EACH;
    const values = Array.from(
      { length: RECORDS_EACH },
      (_, index) => `round ${this.rounds}, record ${index}`,
    );
    const produced = await produce(this.#client, this.#topic, textBatch(values));
    if (produced.errorCode !== 0 || produced.baseOffset !== offset) {
      throw new Error(`produced with error ${produced.errorCode} at ${produced.baseOffset}, not ${offset}`);
    }
    const fetched = await fetch(this.#client, this.#topic, offset, { maxWaitMs: 500 });
    if (fetched.errorCode !== 0) throw new Error(`fetched with error ${fetched.errorCode}`);
    const records = readRecords(fetched.records);
    const got = records.map((record) => `${record.offset}: ${record.value}`).join("; ");
    const due = values.map((value, index) => `${offset + index}: ${value}`).join("; ");
    if (got !== due) throw new Error(`fetched ${got}, not ${due}`);
    await this.#checkMetadata();
  }

  async #checkMetadata(): Promise<void> {
    const answer = await this.#client.send(metadataRequest, metadataResponse, 9, {
      topics: [{ name: this.#topic.name }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const [topic] = answer.topics;
    if (answer.brokers.length !== 1 || topic?.errorCode !== 0 || topic.partitions.length !== 1) {
      throw new Error(`metadata says ${JSON.stringify(answer)}`);
    }
  }
}
