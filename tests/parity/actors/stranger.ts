import { ConnectionEnded } from "../../support/wire_client.ts";
import { type Api, api } from "../api.ts";
import type { Client } from "../client.ts";

/** A broker closes a connection at once, or after the tenth of a second that a failed client waits. */
const OPEN_AFTER_MS = 1500;

/** Who has yet to say who it is, over one connection that it does not make anew. */
export class Stranger {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Asks for anything at all. */
  async asks<Request, Response>(
    { request, response }: Api<Request, Response>,
    version: number,
    input: Request,
    question = `${request.name} ${version}`,
  ): Promise<Response | null> {
    return await this.#client.keeps(question, async () => {
      const connection = await this.#client.connection();
      return await connection.send(request, response, version, input).catch(whenEnded);
    });
  }

  handshakes(mechanism: string, version = 1) {
    return this.asks(
      api.saslHandshake,
      version,
      { mechanism },
      `chooses ${mechanism} with version ${version}`,
    );
  }

  /** Sends a message of an exchange; the words of the answer are kept, too, for users get to see them. */
  async says(message: string, version = 2) {
    const words = JSON.stringify(message.slice(0, 40));
    const input = { authBytes: new TextEncoder().encode(message) };
    const answer = await this.asks(
      api.saslAuthenticate,
      version,
      input,
      `says ${words} with version ${version}`,
    );
    if (answer !== null && answer.errorCode !== 0) {
      this.#client.note(`is told, of ${words}`, answer.errorMessage);
    }
    return answer;
  }

  /** PLAIN, from the beginning. */
  async logsIn(user: string, password = `${user}-secret`) {
    await this.handshakes("PLAIN");
    return await this.says(`\0${user}\0${password}`);
  }

  /** Sends a request of a version that there is not; answers the error code of what comes. */
  async asksUnknown<Request>(
    { request }: Pick<Api<Request, unknown>, "request">,
    input: Request,
    version: number,
  ): Promise<void> {
    await this.#client.keeps(`${request.name} of the unknown version ${version}`, async () => {
      const connection = await this.#client.connection();
      const frame = connection.encode(request, request.maxVersion, input);
      new DataView(frame.buffer).setInt16(6, version);
      const answer = await connection.exchange(frame).catch(whenEnded);
      return answer === null ? null : new DataView(answer.buffer).getInt16(answer.byteOffset);
    });
  }

  /** Sends bytes as they are, behind their size; what comes back is kept as it is. */
  async sends(words: string, size: number, bytes: Uint8Array): Promise<void> {
    await this.#client.keeps(`sends ${words}`, async () => {
      const connection = await this.#client.connection();
      const frame = new Uint8Array(4 + bytes.length);
      new DataView(frame.buffer).setInt32(0, size);
      frame.set(bytes, 4);
      await connection.write(frame).catch(whenEnded);
      return await this.#fate();
    });
  }

  /** Whether the broker has let it go. */
  async learnsItsFate(): Promise<void> {
    await this.#client.keeps("learns its fate", () => this.#fate());
  }

  async #fate(): Promise<"closed" | "open"> {
    const connection = await this.#client.connection();
    const closed = connection.closedByBroker().then(() => "closed" as const);
    const { promise: open, resolve } = Promise.withResolvers<"open">();
    const timer = setTimeout(() => resolve("open"), OPEN_AFTER_MS);
    try {
      return await Promise.race([closed, open]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function whenEnded(error: unknown): null {
  if (error instanceof ConnectionEnded) return null;
  throw error;
}
