/** A connection for bytes that need not be requests. */

const CHUNK_BYTES = 256 * 1024;
const SIZE_BYTES = 4;

/** How a connection went, from its first byte to its end. */
export interface Conversation {
  /** Whole frames that came back. */
  readonly answers: number;
  /** Bytes that came back. */
  readonly receivedBytes: number;
  /** Whether the broker ended it in order or by a reset. */
  readonly ending: "closed" | "reset";
}

/** Sends anything, reads anything, and tells a broker's closing from silence. */
export class RawConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  #closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<RawConnection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    return new RawConnection(connection);
  }

  /** Whether it was this side that ended the connection. */
  get isClosedHere(): boolean {
    return this.#closed;
  }

  /** Writes all of `bytes`; false when the broker has ended the connection before it took them. */
  async write(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
      return true;
    } catch (error) {
      if (isEnd(error)) return false;
      throw error;
    }
  }

  /** Reads once; `null` at the end of the connection, however it came. */
  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(into);
    } catch (error) {
      if (isEnd(error)) return null;
      throw error;
    }
  }

  /** Says that no more will be sent, and reads until the broker ends the connection, too. */
  async finish(): Promise<Conversation> {
    try {
      await this.#connection.closeWrite();
    } catch (error) {
      if (!isEnd(error)) throw error;
    }
    return await this.readToEnd();
  }

  /** Reads until the broker ends the connection. Throws when what comes is not made of whole frames. */
  async readToEnd(): Promise<Conversation> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const frames = new FrameCounter();
    let receivedBytes = 0;
    let ending: Conversation["ending"] = "closed";
    try {
      for (;;) {
        const count = await this.#connection.read(chunk);
        if (count === null) break;
        receivedBytes += count;
        frames.add(chunk.subarray(0, count));
      }
      if (frames.isMidway) throw new Error("the broker closed in the middle of an answer");
    } catch (error) {
      if (!isEnd(error)) throw error;
      ending = "reset";
    }
    return { answers: frames.whole, receivedBytes, ending };
  }

  /** Closes; if the broker has sent what was not read, the system makes it a reset. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Counts the frames in a stream of bytes, without keeping them. */
class FrameCounter {
  whole = 0;
  readonly #prefix = new Uint8Array(SIZE_BYTES);
  #prefixBytes = 0;
  #missingBytes = 0;

  /** Whether the last frame is not complete. */
  get isMidway(): boolean {
    return this.#prefixBytes > 0;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#prefixBytes < SIZE_BYTES) {
        this.#prefix[this.#prefixBytes++] = bytes[at++]!;
        if (this.#prefixBytes < SIZE_BYTES) continue;
        this.#missingBytes = new DataView(this.#prefix.buffer).getInt32(0);
        if (this.#missingBytes < SIZE_BYTES) throw new Error(`an answer of ${this.#missingBytes} bytes`);
      }
      const taken = Math.min(this.#missingBytes, bytes.length - at);
      this.#missingBytes -= taken;
      at += taken;
      if (this.#missingBytes > 0) continue;
      this.#prefixBytes = 0;
      this.whole++;
    }
  }
}

/** Whether this is what a read or write meets when the other side is gone. */
function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BadResource;
}
