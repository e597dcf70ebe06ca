import type { TLSSocket } from "node:tls";
import { assert } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { Address, PeerCertificate, Socket } from "../network.ts";
import type { TcpStream } from "./tcp_stream.ts";

/** A connection whose TLS handshake is done. */
export class DenoTlsSocket implements Socket {
  readonly remote: Address;
  readonly local: Address;
  readonly peer: PeerCertificate | null;
  readonly #tls: TLSSocket;
  readonly #stream: TcpStream;
  /** What came with the last chunk and had no room. */
  #rest: Uint8Array | undefined;
  #ended = false;
  #failure: KliteError | undefined;
  #wakeReader: (() => void) | undefined;
  #failWriter: ((error: KliteError) => void) | undefined;

  constructor(tls: TLSSocket, stream: TcpStream, about: Pick<Socket, "remote" | "local" | "peer">) {
    this.remote = about.remote;
    this.local = about.local;
    this.peer = about.peer;
    this.#tls = tls;
    this.#stream = stream;
    stream.holdBy(() => this.#rest !== undefined || tls.readableLength > 0);
    tls.on("readable", () => this.#wake());
    tls.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    tls.on("error", (error) => this.#fail(error));
    tls.on("close", () => this.#fail(undefined));
  }

  async read(into: Uint8Array): Promise<number | null> {
    assert(into.length > 0, "a read needs room");
    for (;;) {
      const chunk: Uint8Array | null = this.#rest ?? this.#tls.read();
      if (chunk !== null) return this.#take(chunk, into);
      if (this.#ended) return null;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#failWriter = reject;
      this.#tls.write(bytes, (error) => {
        this.#failWriter = undefined;
        if (error) reject(closedBecause(error));
        else resolve();
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#failWriter = reject;
      this.#tls.end(() => resolve());
    });
  }

  close(): void {
    this.#fail(undefined);
    this.#tls.destroy();
  }

  #take(chunk: Uint8Array, into: Uint8Array): number {
    const count = Math.min(chunk.length, into.length);
    into.set(count === chunk.length ? chunk : chunk.subarray(0, count));
    this.#rest = count === chunk.length ? undefined : chunk.subarray(count);
    this.#stream.readOn();
    return count;
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = closedBecause(cause);
    this.#rest = undefined;
    this.#failWriter?.(this.#failure);
    this.#wake();
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }
}

function closedBecause(cause: unknown): KliteError {
  return new KliteError("CONNECTION_CLOSED", "the connection is closed", { cause });
}
