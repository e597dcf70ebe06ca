import { ConnectionEnded, WireClient } from "../support/wire_client.ts";
import type { AnswerBook } from "./answer_book.ts";
import type { Api } from "./api.ts";

/** A broker that does not answer for so long is not going to. */
const PATIENCE_MS = 10_000;
const BETWEEN_ATTEMPTS_MS = 20;

/** What a connection begins with. */
export type Greeting = (client: WireClient) => Promise<void>;

/** Whoever asks a broker over a connection of its own; what is answered goes into the book. */
export class Client implements AsyncDisposable {
  readonly port: number;
  readonly book: AnswerBook;
  /** Before the words of each question; empty for whoever needs no name. */
  readonly name: string;
  readonly #greet: Greeting;
  #client: WireClient | null = null;

  /** `greet` is done first on each connection. */
  constructor(port: number, book: AnswerBook, name = "", greet: Greeting = () => Promise.resolve()) {
    this.port = port;
    this.book = book;
    this.name = name;
    this.#greet = greet;
  }

  /** Asks, and keeps the answer under `question`; a connection that is closed is an answer, too. */
  async ask<Request, Response>(
    question: string,
    api: Api<Request, Response>,
    version: number,
    input: Request,
  ): Promise<Response | null> {
    const line = this.#open(question);
    try {
      const answer = await this.send(api, version, input);
      this.book.close(line, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw new Error(`asked for "${line}"`, { cause: error });
      this.book.close(line, "the connection is closed");
      return null;
    }
  }

  /** Asks the same at each version from `from` to `to`. */
  async askEach<Request, Response>(
    question: string,
    api: Api<Request, Response>,
    [from, to]: readonly [number, number],
    input: (version: number) => Request,
  ): Promise<void> {
    for (let version = from; version <= to; version++) {
      await this.ask(`${question}, version ${version}`, api, version, input(version));
    }
  }

  /** Asks until the answer is `right`, and keeps only that: what a cluster of many machines does takes its time. */
  async askUntil<Request, Response>(
    question: string,
    api: Api<Request, Response>,
    version: number,
    input: Request,
    right: (answer: Response) => boolean,
  ): Promise<Response> {
    const line = this.#open(question);
    const answer = await this.until(() => this.send(api, version, input), right).catch((error) => {
      throw new Error(`asked for "${line}"`, { cause: error });
    });
    this.book.close(line, answer);
    return answer;
  }

  /** Keeps what was made of an answer. */
  note(question: string, value: unknown): void {
    this.book.close(this.#open(question), value);
  }

  /** Keeps what comes of many answers. */
  async keeps<Result>(question: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#open(question);
    const result = await work();
    this.book.close(line, result);
    return result;
  }

  /** Asks without keeping the answer. */
  async send<Request, Response>(
    { request, response }: Api<Request, Response>,
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

  /** Does something again until it gives what is `right`. */
  async until<Result>(attempt: () => Promise<Result>, right: (result: Result) => boolean): Promise<Result> {
    const give = Date.now() + PATIENCE_MS;
    for (;;) {
      const result = await attempt();
      if (right(result)) return result;
      if (Date.now() > give) {
        throw new Error(
          `the broker does not come to the right answer; the last is ${JSON.stringify(result)}`,
        );
      }
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  }

  /** The connection that is asked over. */
  async connection(): Promise<WireClient> {
    if (this.#client === null) {
      this.#client = await WireClient.connect(this.port);
      await this.#greet(this.#client);
    }
    return this.#client;
  }

  async hangUp(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
  }

  #open(question: string): string {
    return this.book.open(this.name === "" ? question : `${this.name} ${question}`);
  }
}

/** Lets time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
