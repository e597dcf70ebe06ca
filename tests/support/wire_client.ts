import { KliteError } from "../../src/base/klite_error.ts";
import { beginFrame, endFrame, type MessageCodec, Reader, Writer } from "../../src/protocol/mod.ts";

interface Waiting {
  readonly correlationId: number;
  readonly resolve: (body: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

const SIZE_BYTES = 4;
const CORRELATION_ID_BYTES = 4;
const FIRST_BUFFER_BYTES = 16 * 1024;

/** The broker has closed the connection, or it was reset. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

/** The client's end of a connection, real or simulated. */
export interface ClientSocket {
  read(into: Uint8Array): Promise<number | null>;
  /** Answers how many bytes were taken. */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/**
 * A raw Kafka client: any request at any version, pipelined if you like, no
 * retries and no cleverness. Answers come in the order of the requests.
 */
export class WireClient implements AsyncDisposable {
  /** What it calls itself in its requests. */
  clientId = "wire-client";
  readonly #connection: ClientSocket;
  readonly #waiting: Waiting[] = [];
  readonly #reading: Promise<void>;
  /** Of one answer after the other: each is decoded in one step. */
  readonly #reader = new Reader();
  #correlationId = 0;
  #closed = false;
  #isClosedHere = false;
  /** The last write under way: writes of one connection follow each other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(connection: ClientSocket) {
    this.#connection = connection;
    this.#reading = this.#read();
  }

  static async connect(port: number): Promise<WireClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    return new WireClient(connection);
  }

  /** Sends a request and gives its decoded response. Rejects with {@link ConnectionEnded} when there is none. */
  async send<Request, Response>(
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    version: number,
    value: Request,
  ): Promise<Response> {
    const bytes = await this.exchange(this.encode(request, version, value));
    const body = this.#reader.reset(bytes);
    if (response.headerVersion(version) >= 1) body.skipTaggedFields();
    const decoded = response.decode(body, version);
    if (body.remaining > 0) throw new Error(`${body.remaining} bytes behind a ${response.name} ${version}`);
    return decoded;
  }

  /** Sends a request that gets no answer (Produce with acks=0). */
  async post<Request>(
    request: MessageCodec<unknown, Request>,
    version: number,
    value: Request,
  ): Promise<void> {
    await this.write(this.encode(request, version, value));
  }

  /** The frame of a request, size prefix included. Takes the next correlation id. */
  encode<Request>(request: MessageCodec<unknown, Request>, version: number, value: Request): Uint8Array {
    const writer = new Writer();
    const frame = beginFrame(writer);
    writer.int16(request.apiKey);
    writer.int16(version);
    writer.int32(++this.#correlationId);
    writer.nullableString(this.clientId, false);
    if (request.headerVersion(version) >= 2) writer.uvarint(0);
    request.encode(writer, value, version);
    endFrame(writer, frame);
    return writer.bytes().slice();
  }

  /** Sends a frame that {@link encode} made last, and gives what comes behind the answer's correlation id. */
  exchange(frame: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    if (this.#closed) return Promise.reject(new ConnectionEnded("the connection was closed"));
    this.#waiting.push({ correlationId: this.#correlationId, resolve, reject });
    this.write(frame).catch(reject);
    return promise;
  }

  /** Bytes as they are, for requests that are none. */
  write(bytes: Uint8Array): Promise<void> {
    const write = async () => {
      try {
        for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
      } catch (error) {
        throw isEnd(error) ? new ConnectionEnded("the connection was closed", { cause: error }) : error;
      }
    };
    const written = this.#writing.then(write, write);
    this.#writing = Promise.allSettled([written]);
    return written;
  }

  /** Whether it was this side that ended the connection. */
  get isClosedHere(): boolean {
    return this.#isClosedHere;
  }

  /** Resolves when the broker has closed the connection. */
  async closedByBroker(): Promise<void> {
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosedHere ||= !this.#closed;
    this.#close();
    await this.#reading;
    await this.#writing;
  }

  async #read(): Promise<void> {
    let buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    let held = 0;
    try {
      for (;;) {
        const count = await this.#connection.read(buffer.subarray(held));
        if (count === null) break;
        held = this.#deliver(buffer, held + count);
        const needed = held < SIZE_BYTES ? 0 : SIZE_BYTES + new DataView(buffer.buffer).getInt32(0);
        if (needed <= buffer.length) continue;
        const larger = new Uint8Array(needed);
        larger.set(buffer.subarray(0, held));
        buffer = larger;
      }
    } catch (error) {
      if (!isEnd(error)) throw error;
    } finally {
      this.#close();
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new ConnectionEnded("the connection was closed"));
      }
    }
  }

  /** Hands over the whole frames of `buffer[0, end)`, moves what is left to the front and answers how much that is. */
  #deliver(buffer: Uint8Array<ArrayBuffer>, end: number): number {
    const view = new DataView(buffer.buffer);
    let at = 0;
    while (end - at >= SIZE_BYTES) {
      const body = at + SIZE_BYTES;
      const size = view.getInt32(at);
      if (end - body < size) break;
      const correlationId = view.getInt32(body);
      const waiting = this.#waiting.shift();
      if (waiting?.correlationId === correlationId) {
        waiting.resolve(buffer.slice(body + CORRELATION_ID_BYTES, body + size));
      } else waiting?.reject(new Error(`answer ${correlationId} where ${waiting.correlationId} was due`));
      at = body + size;
    }
    buffer.copyWithin(0, at, end);
    return end - at;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}

/** Whether this is what a read or write meets when either side is gone. */
function isEnd(error: unknown): boolean {
  return (error instanceof KliteError && error.code === "CONNECTION_CLOSED") ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected;
}
