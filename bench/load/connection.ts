import { type ResponseBytes, setCorrelationId } from "./requests.ts";

/** Called with each complete response: `bytes[start, end)` from the correlation id on, valid during the call. */
export type ResponseHandler = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number) => void;

/** Where a broker listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Enough for answers of fetches; larger ones make it grow. */
const READ_BUFFER_BYTES = 256 * 1024;

/** One TCP connection that sends frames as they are and cuts responses out of one reused buffer. */
export class BrokerConnection {
  readonly #tcp: Deno.TcpConn;
  readonly #readBytes: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #start = 0;
  #end = 0;

  private constructor(tcp: Deno.TcpConn, readBytes: number) {
    this.#tcp = tcp;
    this.#readBytes = readBytes;
    this.#buffer = new Uint8Array(readBytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  static async open(
    { host, port }: Endpoint,
    { readBufferBytes = READ_BUFFER_BYTES } = {},
  ): Promise<BrokerConnection> {
    const tcp = await Deno.connect({ hostname: host, port });
    tcp.setNoDelay(true);
    return new BrokerConnection(tcp, readBufferBytes);
  }

  /** Writes all of `bytes`. */
  async send(bytes: Uint8Array): Promise<void> {
    let sent = await this.#tcp.write(bytes);
    while (sent < bytes.length) sent += await this.#tcp.write(bytes.subarray(sent));
  }

  /** Reads once and hands every response that is complete by then to `handler`. */
  async receive(handler: ResponseHandler): Promise<void> {
    this.#makeRoom();
    const room = this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
    const count = await this.#tcp.read(room);
    if (count === null) throw new Error("the broker closed the connection");
    this.#end += count;
    while (this.#end - this.#start >= 4) {
      const end = this.#start + 4 + this.#view.getInt32(this.#start);
      if (end > this.#end) break;
      handler(this.#buffer, this.#start + 4, end);
      this.#start = end;
    }
  }

  /** Sends one request and returns a copy of its response. For setting up, not for load. */
  async call(request: Uint8Array, correlationId = 1): Promise<ResponseBytes> {
    setCorrelationId(request, 0, correlationId);
    await this.send(request);
    let response: ResponseBytes | null = null;
    while (response === null) {
      await this.receive((bytes, start, end) => {
        response = { bytes: bytes.slice(start, end), start: 0, end: end - start };
      });
    }
    return response;
  }

  close(): void {
    this.#tcp.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Room for the whole response that has begun to arrive, at the front of the buffer if need be. */
  #makeRoom(): void {
    const held = this.#end - this.#start;
    if (held === 0) this.#start = this.#end = 0;
    const wanted = held < 4 ? this.#readBytes : Math.max(4 + this.#view.getInt32(this.#start), held + 1);
    if (this.#start + wanted <= this.#buffer.length) return;
    if (wanted > this.#buffer.length) {
      const larger = new Uint8Array(wanted + this.#readBytes);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    } else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = held;
  }
}
