import { createTopicsRequest } from "../../../src/protocol/generated/create_topics_request.ts";
import { createTopicsResponse } from "../../../src/protocol/generated/create_topics_response.ts";
import { listOffsetsRequest } from "../../../src/protocol/generated/list_offsets_request.ts";
import { listOffsetsResponse } from "../../../src/protocol/generated/list_offsets_response.ts";
import { metadataRequest } from "../../../src/protocol/generated/metadata_request.ts";
import { metadataResponse } from "../../../src/protocol/generated/metadata_response.ts";
import { type MessageCodec, zeroUuid } from "../../../src/protocol/mod.ts";
import { LATEST, only, type TopicRef } from "../../support/requests.ts";
import { ConnectionEnded, WireClient } from "../../support/wire_client.ts";
import { Normalizer } from "./normalize.ts";

/** What a broker answered, by the words that the conversation has for the question. */
export type Answers = Readonly<Record<string, unknown>>;

/** A series of questions to a broker, the same to whoever it is. Names of topics come from {@link Peer.name}. */
export interface Conversation {
  readonly name: string;
  hold(peer: Peer): Promise<void>;
}

/** A broker that does not answer for so long is not going to. */
const PATIENCE_MS = 30_000;
const ATTEMPTS = 600;
const BETWEEN_ATTEMPTS_MS = 50;

/** The broker at the other end of a conversation. It keeps what it answers, in a form that any broker's can have. */
export class Peer implements AsyncDisposable {
  readonly #port: number;
  readonly #run: string;
  readonly #normalizer: Normalizer;
  readonly #answers: Record<string, unknown> = {};
  #client: WireClient | null = null;

  /** `run` goes into the names of topics, so that a broker may be asked again. */
  constructor(port: number, run: string) {
    this.#port = port;
    this.#run = run;
    this.#normalizer = new Normalizer(run);
  }

  get answers(): Answers {
    return this.#answers;
  }

  /** A name of this run alone. */
  name(word: string): string {
    return `${word}-${this.#run}`;
  }

  /** Asks, and keeps the answer under `question`; a connection that is closed is an answer, too. */
  async ask<Request, Response>(
    question: string,
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    version: number,
    input: Request,
  ): Promise<Response | null> {
    if (question in this.#answers) throw new Error(`"${question}" is asked twice`);
    try {
      const answer = await this.send(request, response, version, input);
      this.#answers[question] = this.#normalizer.plain(answer);
      return answer;
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw new Error(`asked for "${question}"`, { cause: error });
      this.#answers[question] = "the connection is closed";
      return null;
    }
  }

  /** Keeps what was made of an answer. */
  note(question: string, value: unknown): void {
    if (question in this.#answers) throw new Error(`"${question}" is asked twice`);
    this.#answers[question] = this.#normalizer.plain(value);
  }

  /** Asks the same at each version from `from` to `to`. */
  async askEach<Request, Response>(
    question: string,
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    [from, to]: readonly [number, number],
    input: (version: number) => Request,
  ): Promise<void> {
    for (let version = from; version <= to; version++) {
      await this.ask(`${question}, version ${version}`, request, response, version, input(version));
    }
  }

  /** Asks without keeping the answer. */
  async send<Request, Response>(
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    version: number,
    input: Request,
  ): Promise<Response> {
    const client = await this.connection();
    const hangUp = setTimeout(() => client[Symbol.asyncDispose](), PATIENCE_MS);
    try {
      return await client.send(request, response, version, input);
    } catch (error) {
      if (error instanceof ConnectionEnded && client.isClosedHere) {
        throw new Error(`no answer to ${request.name} ${version} within ${PATIENCE_MS} ms`);
      }
      await this.hangUp();
      throw error;
    } finally {
      clearTimeout(hangUp);
    }
  }

  /** The connection that is asked over. */
  async connection(): Promise<WireClient> {
    this.#client ??= await WireClient.connect(this.#port);
    return this.#client;
  }

  /** Asks again until the answer is `right`: what a cluster of many machines does takes its time. */
  async until<Response>(
    ask: () => Promise<Response>,
    right: (answer: Response) => boolean,
  ): Promise<Response> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = await ask();
      if (right(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_ATTEMPTS_MS));
    }
    throw new Error("the broker does not come to the answer that is waited for");
  }

  /** A topic, ready for use. `word` becomes its name. */
  async topic(
    word: string,
    options: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
  ): Promise<TopicRef> {
    const name = this.name(word);
    // Records of long ago must not expire while they are talked about.
    const configs = Object.entries({ "retention.ms": "-1", ...options.configs }).map(([key, value]) => ({
      name: key,
      value,
    }));
    const made = await this.send(createTopicsRequest, createTopicsResponse, 7, {
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

  async hangUp(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
  }

  #latestOffsets(name: string, partitions: readonly number[]) {
    return this.send(listOffsetsRequest, listOffsetsResponse, 8, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: LATEST })),
      }],
    });
  }

  async #describe(name: string) {
    const answer = await this.send(metadataRequest, metadataResponse, 12, {
      topics: [{ name, topicId: zeroUuid }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const topic = only(answer.topics);
    this.#normalizer.know(name, topic.topicId);
    return topic;
  }
}
