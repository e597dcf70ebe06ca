import type { ListenerInfo } from "../base/listener.ts";
import { ANONYMOUS, type Principal } from "../base/principal.ts";
import type { Clock, Timer } from "../io/clock.ts";
import type { ConnectionCloseReason, EventSink, RefusalReason } from "../io/events.ts";
import type { Address, Network, PeerCertificate, Socket, TlsSource } from "../io/network.ts";
import { framePrefixBytes } from "../protocol/mod.ts";
import { AcceptLoop } from "./accept_loop.ts";
import { ClientConnection, type Turns } from "./client_connection.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import { ConnectionCounts } from "./connection_counts.ts";
import { EventLimiter } from "../io/event_limiter.ts";
import { defaultLimits, type ServerLimits } from "./limits.ts";
import { MergeBuffers } from "./merge_buffers.ts";
import type { RequestHandler } from "./request_handler.ts";
import { RequestMemory } from "./request_memory.ts";
import { TurnQueue } from "./turn_queue.ts";
import { UnsentBytes } from "./unsent_bytes.ts";

/** Answers that are formed later than their request came, at a time: each reads or forms up to 8 MiB. */
const ANSWERS_AT_A_TIME = 4;
const HEAVY_REQUESTS_AT_A_TIME = 2;
const SWEEP_MS = 1000;
/** While stopping, sweeps see to it that nobody is waited for longer than need be. */
const STOPPING_SWEEP_MS = 50;
/** How long a client may take to close its side once it has everything, while stopping. */
const STOPPING_LINGER_MS = 250;

/** The listener of whoever needs no more than one. */
const PLAINTEXT: ListenerInfo = { name: "PLAINTEXT", protocol: "PLAINTEXT", advertised: null };

/** What a TLS listener works with. */
export interface TlsListening {
  readonly source: TlsSource;
  /** Who shows that certificate, or none; `null`: nobody who may connect. */
  principalOf(certificate: PeerCertificate | null): Principal | null;
}

/** What a server works with. */
export interface ServerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly handler: RequestHandler;
  readonly events: EventSink;
  /** Called with a broken invariant: the process has to stop. */
  readonly onFatal: (error: unknown) => void;
  /** Where they differ from the default ones. */
  readonly limits?: Partial<ServerLimits>;
}

/** Counts since the start, and what there is now. */
export interface ServerStats {
  readonly connections: number;
  readonly accepted: number;
  readonly refused: number;
  readonly requests: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Bytes of all buffers for requests but the connections' own small ones. */
  readonly requestMemoryBytes: number;
  /** Connections that cannot read on for lack of memory. */
  readonly waitingForMemory: number;
  /** Bytes of responses that clients have not taken. */
  readonly unsentBytes: number;
  /** Connections that the server closed, by reason. */
  readonly closed: Readonly<Partial<Record<ConnectionCloseReason | "request_failed", number>>>;
}

/** Accepts connections, serves them, and ends them in order. */
export class Server {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #host: Host;
  readonly #counts: ConnectionCounts;
  readonly #listeners: AcceptLoop[] = [];
  readonly #connections = new Map<Connection, Promise<void>>();
  #sweepTimer: Timer | undefined;
  #stopping: Promise<void> | undefined;
  /** Monotonic time at which an orderly stop becomes a hard one. */
  #cutAtMs = Infinity;
  /** Since when, as far as sweeps have seen, there have been too many response bytes without a break. */
  #overSinceMs = 0;
  #reliefsSeen = 0;
  #accepted = 0;
  #refused = 0;

  constructor(options: ServerOptions) {
    this.#network = options.network;
    this.#clock = options.clock;
    this.#host = new Host(options);
    this.#counts = new ConnectionCounts(this.#host.limits);
  }

  /**
   * Starts to accept connections; answers the bound address.
   *
   * @throws {KliteError} `ADDRESS_UNAVAILABLE`.
   */
  listen(address: Address, listener: ListenerInfo = PLAINTEXT, tls?: TlsListening): Address {
    const loop = new AcceptLoop(this.#network.listen(address, tls?.source), this.#clock, {
      accepted: (socket) => this.#admit(socket, listener, tls),
      failed: (error, retryInMs) => {
        this.#host.acceptFailed(listener.name, error, retryInMs);
        this.#leaveRoom();
      },
    });
    this.#listeners.push(loop);
    return loop.address;
  }

  /**
   * Accepts and reads nothing more, finishes and writes what is under way, closes; after `deadlineMs` cuts what
   * is left. Handlers learn of it by `ClientConnection.ending`. Nothing of the server runs once it resolves but
   * handlers that have not answered.
   */
  stop(deadlineMs: number): Promise<void> {
    this.#cutAtMs = Math.min(this.#cutAtMs, this.#clock.monotonicMs() + deadlineMs);
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  get stats(): ServerStats {
    const { requests, receivedBytes, sentBytes, memory, unsent, closed } = this.#host;
    return {
      connections: this.#connections.size,
      accepted: this.#accepted,
      refused: this.#refused,
      requests,
      receivedBytes,
      sentBytes,
      requestMemoryBytes: memory.totalBytes,
      waitingForMemory: memory.waiting,
      unsentBytes: unsent.bytes,
      closed: { ...closed },
    };
  }

  async #stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await Promise.all(this.#listeners.map((listener) => listener.done));
    for (const connection of this.#connections.keys()) connection.drain();
    this.#stopSweeping();
    this.#sweepLater();
    while (this.#connections.size > 0) await Promise.all(this.#connections.values());
    this.#stopSweeping();
  }

  #admit(socket: Socket, listener: ListenerInfo, tls: TlsListening | undefined): void {
    const { host: from } = socket.remote;
    const principal = tls === undefined ? ANONYMOUS : tls.principalOf(socket.peer);
    if (principal === null) {
      socket.close();
      this.#refused++;
      this.#host.refused(listener.name, socket.remote, "unknown_certificate");
      return;
    }
    const verdict = this.#stopping === undefined ? this.#counts.add(from) : "stopping";
    if (verdict !== "counted") {
      socket.close();
      if (verdict === "stopping") return;
      this.#refused++;
      this.#host.refused(listener.name, socket.remote, verdict);
      return;
    }
    const client = new ClientConnection({
      id: ++this.#accepted,
      listener,
      remote: socket.remote,
      local: socket.local,
      connectedAtMs: this.#clock.nowMs(),
      principal,
    }, this.#host.turns);
    this.#host.now();
    const connection = new Connection(socket, client, this.#host);
    const ended = (): void => {
      this.#connections.delete(connection);
      this.#counts.remove(from);
    };
    this.#connections.set(connection, connection.run().catch((error) => this.#host.fatal(error)).then(ended));
    this.#sweepLater();
  }

  /** The newest connections go, so that the broker can open files again; their clients come back later. */
  #leaveRoom(): void {
    const tooMany = this.#counts.leaveRoom();
    if (tooMany === 0) return;
    for (const connection of [...this.#connections.keys()].slice(-tooMany)) connection.close();
  }

  /** One timer for all connections, and none while there is nothing to look after. */
  #sweepLater(): void {
    if (this.#sweepTimer !== undefined) return;
    if (this.#connections.size === 0 && this.#host.memory.totalBytes === 0) return;
    const delayMs = this.#stopping === undefined ? SWEEP_MS : STOPPING_SWEEP_MS;
    this.#sweepTimer = this.#clock.setTimer(delayMs, () => this.#sweep());
  }

  #stopSweeping(): void {
    this.#sweepTimer?.cancel();
    this.#sweepTimer = undefined;
  }

  #sweep(): void {
    this.#sweepTimer = undefined;
    this.#host.now();
    this.#host.memory.trim();
    if (this.#host.nowMs >= this.#cutAtMs) this.#cut();
    const lingerMs = this.#stopping === undefined ? undefined : STOPPING_LINGER_MS;
    try {
      for (const connection of this.#connections.keys()) connection.sweep(lingerMs);
      this.#relieve();
    } catch (error) {
      this.#host.fatal(error);
    }
    this.#sweepLater();
  }

  /**
   * Once too many responses have been waiting for too long, those who took nothing have to go, and then those with
   * the most to take, until a good part of who waits for them can be served.
   */
  #relieve(): void {
    const { unsent, nowMs, limits } = this.#host;
    if (!unsent.isOver || unsent.reliefs !== this.#reliefsSeen) {
      this.#reliefsSeen = unsent.reliefs;
      this.#overSinceMs = nowMs;
    } else if (nowMs - this.#overSinceMs >= limits.unsentStallMs) {
      // Counted first: as soon as one has gone, those who wait make more.
      let leftBytes = unsent.bytes;
      const bySize = [...this.#connections.keys()].filter(({ heldBytes }) => heldBytes > 0)
        .sort((a, b) => b.heldBytes - a.heldBytes);
      const gone = bySize.filter((connection) => connection.isDeaf(limits.stallMs));
      for (const { heldBytes } of gone) leftBytes -= heldBytes;
      for (const connection of bySize) {
        if (leftBytes <= unsent.limitBytes / 2) break;
        if (gone.includes(connection)) continue;
        leftBytes -= connection.heldBytes;
        gone.push(connection);
      }
      for (const connection of gone) connection.giveUp();
      this.#reliefsSeen = unsent.reliefs;
      this.#overSinceMs = nowMs;
    }
  }

  #cut(): void {
    if (this.#connections.size > 0) this.#host.cut(this.#connections.size);
    for (const connection of this.#connections.keys()) connection.close();
    this.#cutAtMs = Infinity;
  }
}

/** What connections share, and where what they tell is counted and turned into events. */
class Host implements ConnectionHost {
  readonly handler: RequestHandler;
  readonly limits: ServerLimits;
  readonly memory: RequestMemory;
  readonly unsent: UnsentBytes;
  readonly turns: Turns;
  readonly mergeBuffers = new MergeBuffers();
  readonly closed: Partial<Record<ConnectionCloseReason | "request_failed", number>> = {};
  nowMs: number;
  requests = 0;
  receivedBytes = 0;
  sentBytes = 0;
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #limiter: EventLimiter;
  readonly #onFatal: (error: unknown) => void;

  constructor(options: ServerOptions) {
    this.handler = options.handler;
    this.limits = { ...defaultLimits, ...options.limits };
    const { requestMemoryBytes, maxFrameBytes, totalUnsentBytes } = this.limits;
    this.memory = new RequestMemory(requestMemoryBytes, maxFrameBytes + framePrefixBytes);
    this.unsent = new UnsentBytes(totalUnsentBytes);
    this.turns = {
      unsent: this.unsent,
      answers: new TurnQueue(ANSWERS_AT_A_TIME, this.unsent),
      heavyRequests: new TurnQueue(HEAVY_REQUESTS_AT_A_TIME, this.unsent),
    };
    this.#clock = options.clock;
    this.nowMs = options.clock.monotonicMs();
    this.#events = options.events;
    this.#limiter = new EventLimiter(options.clock);
    this.#onFatal = options.onFatal;
  }

  now(): number {
    return this.nowMs = this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#clock.setTimer(delayMs, callback);
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
  }

  requestStarted(): void {
    this.requests++;
  }

  sent(bytes: number): void {
    this.sentBytes += bytes;
  }

  closing(client: ClientConnection, reason: ConnectionCloseReason, detail: string): void {
    this.closed[reason] = (this.closed[reason] ?? 0) + 1;
    this.#limiter.limit(
      reason,
      (suppressed) => this.#events({ type: "connection_closed", client, reason, detail, suppressed }),
    );
  }

  requestFailed(client: ClientConnection, error: unknown): void {
    this.closed.request_failed = (this.closed.request_failed ?? 0) + 1;
    this.#limiter.limit(
      "request_failed",
      (suppressed) => this.#events({ type: "request_failed", client, error, suppressed }),
    );
  }

  refused(listener: string, remote: Address, reason: RefusalReason): void {
    this.#limiter.limit(
      reason,
      (suppressed) => this.#events({ type: "connection_refused", listener, remote, reason, suppressed }),
    );
  }

  acceptFailed(listener: string, error: unknown, retryInMs: number): void {
    this.#limiter.limit(
      "accept_failed",
      (suppressed) => this.#events({ type: "accept_failed", listener, error, retryInMs, suppressed }),
    );
  }

  cut(count: number): void {
    this.#events({ type: "connections_cut", count });
  }

  fatal(error: unknown): void {
    this.#onFatal(error);
  }
}
