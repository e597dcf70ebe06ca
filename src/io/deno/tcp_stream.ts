import { Duplex } from "node:stream";

/** Room for one read: as much as comes, for a connection at rest holds it. */
const READ_BYTES_MIN = 4 * 1024;
const READ_BYTES_MAX = 64 * 1024;

/** What a TLS client begins with. */
const HANDSHAKE_RECORD = 22;
/** A fatal alert, handshake_failure: for a client that has not been told anything yet it is not encrypted. */
const HANDSHAKE_FAILURE = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);

/** A TCP connection as the streams that TLS is made of; owns it. */
export class TcpStream extends Duplex {
  readonly #connection: Deno.TcpConn;
  #room = new Uint8Array(READ_BYTES_MIN);
  readonly #received = (count: number | null): void => {
    if (count === null) this.push(null);
    else this.push(this.#taken(count));
  };
  /** The first read, which nobody has to ask for. */
  #first: Promise<number | null> | undefined;
  #firstByte: number | undefined;
  #hasWritten = false;
  #isHeld: () => boolean = () => false;
  #isWanted = false;
  readonly #failed = (error: unknown): void => {
    this.destroy(error instanceof Error ? error : new Error(String(error)));
  };

  constructor(connection: Deno.TcpConn) {
    // Clients may close their side and still read.
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#first = connection.read(this.#room);
  }

  /** Calls `listener` once something has come. */
  onBegin(listener: () => void): void {
    this.#first?.then((count) => {
      if (count === null) this.destroy();
      else {
        this.#firstByte = this.#room[0];
        listener();
      }
    }, this.#failed);
  }

  /** Whether nothing has come yet. */
  get isSilent(): boolean {
    return this.#firstByte === undefined;
  }

  /**
   * From now on nothing is read while `isHeld`: the runtime's TLS takes all that comes, and would hold it.
   * {@link readOn} has to be called when that is over.
   */
  holdBy(isHeld: () => boolean): void {
    this.#isHeld = isHeld;
  }

  readOn(): void {
    if (this.#isWanted && !this.#isHeld()) this._read();
  }

  override _read(): void {
    this.#isWanted = this.#isHeld();
    if (this.#isWanted) return;
    const reading = this.#first ?? this.#connection.read(this.#room);
    this.#first = undefined;
    reading.then(this.#received, this.#failed);
  }

  #taken(count: number): Uint8Array {
    const room = this.#room;
    let size = room.length;
    if (count === size) size = Math.min(4 * size, READ_BYTES_MAX);
    else if (count < size / 4) size = Math.max(size / 4, READ_BYTES_MIN);
    this.#room = new Uint8Array(size);
    return room.subarray(0, count);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#hasWritten = true;
    this.#write(chunk, done);
  }

  #write(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.#connection.write(bytes).then((count) => {
      if (count < bytes.length) this.#write(bytes.subarray(count), done);
      else done();
    }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const close = () => this.#connection.close();
    // Ended without a word: nothing that the client offers will do. The runtime forgets to say so.
    if (this.#hasWritten || this.#firstByte !== HANDSHAKE_RECORD) close();
    else this.#connection.write(HANDSHAKE_FAILURE).then(close, close);
    done(error);
  }
}
