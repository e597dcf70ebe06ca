import { zeroUuid } from "../../src/protocol/mod.ts";
import { LATEST, only, type TopicRef } from "../support/requests.ts";
import { AnswerBook, type Answers } from "./answer_book.ts";
import { api } from "./api.ts";
import { Client } from "./client.ts";
import { logIn, logInWithToken } from "./users.ts";

/** The broker at the other end of a scenario: a client of it, and whatever more clients there are to be. */
export class Peer extends Client {
  readonly #run: string;
  readonly #saslPort: number;
  readonly #clients: Client[] = [];

  /** `run` goes into all names, so that a broker may be asked again; users log in at `saslPort`, where there are any. */
  constructor(port: number, run: string, saslPort = 0) {
    super(port, new AnswerBook(run));
    this.#run = run;
    this.#saslPort = saslPort;
  }

  get answers(): Answers {
    return this.book.answers;
  }

  /** A name of this run alone. */
  unique(word: string): string {
    return `${word}-${this.#run}`;
  }

  /** One more client, with a connection of its own, that goes with this peer. */
  client(name: string): Client {
    const client = new Client(this.port, this.book, name);
    this.#clients.push(client);
    return client;
  }

  /** A client that calls itself `clientId` in its requests. */
  called(clientId: string): Client {
    const client = new Client(this.port, this.book, "", (connection) => {
      connection.clientId = clientId;
      return Promise.resolve();
    });
    this.#clients.push(client);
    return client;
  }

  /** A client that has logged in as one of the {@link USERS}; or with a delegation token, by its id and its HMAC. */
  user(name: string, token?: { readonly id: string; readonly hmac: Uint8Array }): Client {
    const greet = token === undefined ? logIn(name) : logInWithToken(token);
    const client = new Client(this.#saslPort, this.book, name, greet);
    this.#clients.push(client);
    return client;
  }

  /** A client at the listener where users log in, that has not done so. */
  stranger(name: string): Client {
    const client = new Client(this.#saslPort, this.book, name);
    this.#clients.push(client);
    return client;
  }

  /** A topic, ready for use. `word` becomes its name. */
  async topic(
    word: string,
    options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
  ): Promise<TopicRef> {
    const name = this.unique(word);
    // Records of long ago must not expire while they are talked about.
    const configs = Object.entries({ "retention.ms": "-1", ...options.configs }).map(([key, value]) => ({
      name: key,
      value,
    }));
    const made = await this.send(api.createTopics, 7, {
      topics: [{
        name,
        numPartitions: options.partitions ?? 1,
        replicationFactor: 1,
        assignments: [],
        configs,
      }],
      timeoutMs: 30_000,
    });
    const { errorCode, errorMessage } = only(made.topics);
    if (errorCode !== 0) throw new Error(`no topic ${name}: ${errorMessage}`);
    return await this.whenThere(name);
  }

  /** Waits until the topic is known and its leaders serve it. */
  async whenThere(name: string): Promise<TopicRef> {
    const { topicId, partitions } = await this.until(
      () => this.#describe(name),
      (topic) => topic.errorCode === 0 && topic.partitions.every(({ errorCode }) => errorCode === 0),
    );
    const partitionIndexes = partitions.map(({ partitionIndex }) => partitionIndex);
    await this.until(
      () => this.#latestOffsets(name, partitionIndexes),
      ({ topics }) => topics.every((topic) => topic.partitions.every(({ errorCode }) => errorCode === 0)),
    );
    return { name, topicId };
  }

  /** Waits until the topic is not known any more. */
  async whenGone(name: string): Promise<void> {
    await this.until(() => this.#describe(name), ({ errorCode }) => errorCode === 3);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.hangUp();
    await this.hangUp();
  }

  #latestOffsets(name: string, partitions: readonly number[]) {
    return this.send(api.listOffsets, 8, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: LATEST })),
      }],
    });
  }

  async #describe(name: string) {
    const answer = await this.send(api.metadata, 12, {
      topics: [{ name, topicId: zeroUuid }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const topic = only(answer.topics);
    this.book.normalizer.knowTopic(name, topic.topicId);
    return topic;
  }
}
