import { beginFrame, endFrame, type MessageCodec, Reader, Writer } from "../../src/protocol/mod.ts";

interface Waiting {
  readonly correlationId: number;
  readonly resolve: (body: Reader) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A raw Kafka client: any request at any version, pipelined if you like, no
 * retries and no cleverness. Answers come in the order of the requests.
 */
export class WireClient implements AsyncDisposable {
  readonly #connection: Deno.TcpConn;
  readonly #waiting: Waiting[] = [];
  readonly #reading: Promise<void>;
  #correlationId = 0;
  #closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reading = this.#read();
  }

  static async connect(port: number): Promise<WireClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    return new WireClient(connection);
  }

  /** Sends a request and gives its decoded response. Rejects when the connection ends first. */
  async send<Request, Response>(
    request: MessageCodec<unknown, Request>,
    response: MessageCodec<Response, never>,
    version: number,
    value: Request,
  ): Promise<Response> {
    const body = await this.#exchange(this.encode(request, version, value));
    if (response.headerVersion(version) >= 1) body.skipTaggedFields();
    return response.decode(body, version);
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
    writer.nullableString("wire-client", false);
    if (request.headerVersion(version) >= 2) writer.uvarint(0);
    request.encode(writer, value, version);
    endFrame(writer, frame);
    return writer.bytes().slice();
  }

  /** Bytes as they are, for requests that are none. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** Resolves when the broker has closed the connection. */
  async closedByBroker(): Promise<void> {
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#connection.close();
    }
    await this.#reading;
  }

  #exchange(frame: Uint8Array): Promise<Reader> {
    const { promise, resolve, reject } = Promise.withResolvers<Reader>();
    this.#waiting.push({ correlationId: this.#correlationId, resolve, reject });
    this.write(frame).catch(reject);
    return promise;
  }

  async #read(): Promise<void> {
    let held = new Uint8Array(0);
    const chunk = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await this.#connection.read(chunk);
        if (count === null) break;
        const joined = new Uint8Array(held.length + count);
        joined.set(held);
        joined.set(chunk.subarray(0, count), held.length);
        held = this.#deliver(joined);
      }
    } catch (error) {
      if (
        !(error instanceof Deno.errors.BadResource) && !(error instanceof Deno.errors.ConnectionReset) &&
        !(error instanceof Deno.errors.Interrupted)
      ) {
        throw error;
      }
    } finally {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the connection was closed"));
      if (!this.#closed) {
        this.#closed = true;
        this.#connection.close();
      }
    }
  }

  /** Hands over the whole frames and gives back what is left. */
  #deliver(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    let at = 0;
    while (bytes.length - at >= 4) {
      const size = new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(0);
      if (bytes.length - at - 4 < size) break;
      const reader = new Reader().reset(bytes.slice(at + 4, at + 4 + size));
      const correlationId = reader.int32();
      const waiting = this.#waiting.shift();
      if (waiting?.correlationId !== correlationId) {
        waiting?.reject(new Error(`answer ${correlationId} where ${waiting.correlationId} was due`));
      } else waiting.resolve(reader);
      at += 4 + size;
    }
    return bytes.slice(at);
  }
}
