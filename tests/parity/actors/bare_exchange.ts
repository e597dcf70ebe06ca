import type { Client } from "../client.ts";

/** What a client of SaslHandshake 0 sends afterwards: messages behind their size, and nothing else. */
export class BareExchange implements Disposable {
  readonly #client: Client;
  readonly #connection: Deno.TcpConn;

  private constructor(client: Client, connection: Deno.TcpConn) {
    this.#client = client;
    this.#connection = connection;
  }

  static async begin(client: Client, mechanism: string): Promise<BareExchange> {
    const exchange = new BareExchange(
      client,
      await Deno.connect({ hostname: "127.0.0.1", port: client.port }),
    );
    const name = new TextEncoder().encode(mechanism);
    // The header of SaslHandshake 0 without a client id, and its one field.
    const request = Uint8Array.of(0, 17, 0, 0, 0, 0, 0, 7, 255, 255, 0, name.length, ...name);
    await exchange.#sends(`chooses ${mechanism}`, request);
    return exchange;
  }

  /** Keeps the answer as text; an end of the connection is an answer, too. */
  async says(message: string): Promise<string | null> {
    return await this.#sends(`says ${JSON.stringify(message)}`, new TextEncoder().encode(message));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #sends(words: string, message: Uint8Array): Promise<string | null> {
    const bytes = await this.#exchange(message);
    const answer = bytes === null ? null : new TextDecoder("latin1").decode(bytes);
    this.#client.note(words, answer === null ? "the connection is closed" : withoutChance(answer));
    return answer;
  }

  async #exchange(message: Uint8Array): Promise<Uint8Array | null> {
    const frame = new Uint8Array(4 + message.length);
    new DataView(frame.buffer).setInt32(0, message.length);
    frame.set(message, 4);
    try {
      for (let at = 0; at < frame.length;) at += await this.#connection.write(frame.subarray(at));
      const prefix = await this.#read(4);
      return prefix === null ? null : await this.#read(new DataView(prefix.buffer).getInt32(0));
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
        return null;
      }
      throw error;
    }
  }

  async #read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = await this.#connection.read(bytes.subarray(at));
      if (count === null) return null;
      at += count;
    }
    return bytes;
  }
}

/** Nonces and salts are made up each time. */
function withoutChance(answer: string): string {
  return answer.replace(/^r=[^,]+,s=[^,]+,/, "r=…,s=…,").replace(/^v=.+$/, "v=…");
}
