import { assert } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type {
  Address,
  Listener,
  Network,
  PeerCertificate,
  Socket,
  TlsContext,
  TlsSource,
  TlsTexts,
} from "../network.ts";
import type { Random } from "../random.ts";

/** What may differ between simulated networks. */
export interface SimNetworkOptions {
  /** Bytes that one direction of a connection holds before a writer has to wait. Default 64 KiB. */
  readonly windowBytes?: number;
  /** With it, a read takes a random part of what is there; without, one write's bytes at most. */
  readonly random?: Random;
}

const DEFAULT_WINDOW_BYTES = 65_536;
const FIRST_FREE_PORT = 40_000;

/**
 * A network in memory. Bytes move in the order of the calls and only in microtasks, so a test that awaits
 * what it started sees the same thing in every run.
 */
export class SimNetwork implements Network {
  readonly #listeners = new Map<string, SimListener>();
  readonly #windowBytes: number;
  readonly #random: Random | undefined;
  #nextPort = FIRST_FREE_PORT;

  constructor(options: SimNetworkOptions = {}) {
    this.#windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    this.#random = options.random;
  }

  listen(address: Address, tls?: TlsSource, admits?: (remote: Address) => boolean): SimListener {
    const bound = { host: address.host, port: address.port === 0 ? this.#nextPort++ : address.port };
    const name = formatAddress(bound);
    if (this.#listeners.has(name)) {
      throw new KliteError("ADDRESS_UNAVAILABLE", `cannot listen on ${name}`);
    }
    const isWanted = tls === undefined ? undefined : admits;
    const listener = new SimListener(bound, () => this.#listeners.delete(name), isWanted);
    this.#listeners.set(name, listener);
    return listener;
  }

  /** TLS is not simulated: bytes go as they are, and certificates are what {@link SimNetwork.connect} is told. */
  prepareTls(texts: TlsTexts): Promise<TlsContext> {
    return texts.certificate.includes("BEGIN CERTIFICATE")
      ? Promise.resolve({ subject: "CN=simulated", expiresAtMs: Infinity })
      : Promise.reject(new KliteError("BAD_CONFIG", "the certificate is none"));
  }

  /** Makes the next `count` accepts of a listener fail, as when the process is out of file descriptors. */
  failAccepts(address: Address, count: number): void {
    const listener = this.#listeners.get(formatAddress(address));
    assert(listener !== undefined, "there is a listener to fail");
    listener.failAccepts(count);
  }

  /** Connects to a listener; the client's end. `CONNECTION_CLOSED` when nobody listens there. */
  connect(
    address: Address,
    options: { readonly fromHost?: string; readonly certificate?: PeerCertificate } = {},
  ): SimSocket {
    const listener = this.#listeners.get(formatAddress(address));
    if (listener === undefined) {
      throw new KliteError("CONNECTION_CLOSED", `nobody listens on ${formatAddress(address)}`);
    }
    const client = { host: options.fromHost ?? "10.0.0.1", port: this.#nextPort++ };
    const toServer = new Pipe(this.#windowBytes, this.#random);
    const toClient = new Pipe(this.#windowBytes, this.#random);
    listener.offer(new SimSocket(address, client, toServer, toClient, options.certificate));
    return new SimSocket(client, address, toClient, toServer);
  }
}

export class SimListener implements Listener {
  readonly address: Address;
  readonly #offered: SimSocket[] = [];
  readonly #failures: KliteError[] = [];
  readonly #onClose: () => void;
  readonly #isWanted: (remote: Address) => boolean;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(address: Address, onClose: () => void, isWanted = (_: Address) => true) {
    this.address = address;
    this.#onClose = onClose;
    this.#isWanted = isWanted;
  }

  async accept(): Promise<SimSocket | null> {
    while (!this.#closed) {
      const failure = this.#failures.shift();
      if (failure !== undefined) throw failure;
      const socket = this.#offered.shift();
      if (socket !== undefined) return socket;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return null;
  }

  offer(socket: SimSocket): void {
    if (!this.#isWanted(socket.remote)) return socket.close();
    this.#offered.push(socket);
    this.#wake?.();
  }

  /** See {@link SimNetwork.failAccepts}. */
  failAccepts(count: number): void {
    for (let failure = 0; failure < count; failure++) {
      this.#failures.push(new KliteError("ACCEPT_FAILED", "too many open files", { retriable: true }));
    }
    this.#wake?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of this.#offered.splice(0)) socket.reset();
    this.#onClose();
    this.#wake?.();
  }
}

/** One end of a simulated connection. Both ends are alike. */
export class SimSocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  readonly peer: PeerCertificate | null;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  constructor(
    local: Address,
    remote: Address,
    incoming: Pipe,
    outgoing: Pipe,
    peer: PeerCertificate | null = null,
  ) {
    this.local = local;
    this.remote = remote;
    this.peer = peer;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** Bytes that the other end has written and this one has not read. */
  get unreadBytes(): number {
    return this.#incoming.heldBytes;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#incoming.read(into);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  /** As TCP does it: with unread bytes the peer sees a reset, else the end of the stream. */
  close(): void {
    if (this.#incoming.heldBytes > 0) this.reset();
    else {
      this.#outgoing.end();
      this.#incoming.abort();
    }
  }

  /** Cuts the connection both ways: all that is pending fails, and so does whatever comes later. */
  reset(): void {
    this.#incoming.abort();
    this.#outgoing.abort();
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #segments: Uint8Array[] = [];
  readonly #windowBytes: number;
  readonly #random: Random | undefined;
  #heldBytes = 0;
  #state: "open" | "ended" | "aborted" = "open";
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(windowBytes: number, random: Random | undefined) {
    this.#windowBytes = windowBytes;
    this.#random = random;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  async read(into: Uint8Array): Promise<number | null> {
    assert(into.length > 0, "a read needs room");
    assert(this.#wakeReader === undefined, "one read at a time");
    for (;;) {
      if (this.#state === "aborted") throw closedError();
      if (this.#heldBytes > 0) return this.#take(into);
      if (this.#state === "ended") return null;
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
      this.#wakeReader = undefined;
    }
  }

  #take(into: Uint8Array): number {
    const count = this.#random === undefined
      ? Math.min(this.#segments[0]!.length, into.length)
      : 1 + Math.floor(this.#random.unit() * Math.min(this.#heldBytes, into.length));
    for (let at = 0; at < count;) {
      const segment = this.#segments[0]!;
      const part = segment.subarray(0, count - at);
      into.set(part, at);
      at += part.length;
      if (part.length === segment.length) this.#segments.shift();
      else this.#segments[0] = segment.subarray(part.length);
    }
    this.#heldBytes -= count;
    this.#wakeWriter?.();
    return count;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(this.#wakeWriter === undefined, "one write at a time");
    let at = 0;
    do {
      if (this.#state !== "open") throw closedError();
      const room = this.#windowBytes - this.#heldBytes;
      if (room > 0 && at < bytes.length) {
        const segment = bytes.slice(at, at + room);
        this.#segments.push(segment);
        this.#heldBytes += segment.length;
        at += segment.length;
        this.#wakeReader?.();
      }
      if (at < bytes.length) {
        await new Promise<void>((resolve) => this.#wakeWriter = resolve);
        this.#wakeWriter = undefined;
      }
    } while (at < bytes.length);
  }

  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  abort(): void {
    this.#state = "aborted";
    this.#segments.length = 0;
    this.#heldBytes = 0;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}

function closedError(): KliteError {
  return new KliteError("CONNECTION_CLOSED", "the connection is closed");
}
