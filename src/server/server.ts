import { assert } from "../base/assert.ts";
import { asksForSasl, type ListenerInfo } from "../base/listener.ts";
import { ANONYMOUS, type Principal } from "../base/principal.ts";
import type { Clock, Timer } from "../io/clock.ts";
import type { ConnectionCloseReason, RefusalReason } from "../io/events.ts";
import type { Address, Network, PeerCertificate, Socket, TlsSource } from "../io/network.ts";
import { AcceptLoop } from "./accept_loop.ts";
import type { AuthenticationCounts } from "./auth_stage.ts";
import { ClientConnection } from "./client_connection.ts";
import { Connection } from "./connection.ts";
import { ConnectionCounts } from "./connection_counts.ts";
import { ConnectionRates } from "./connection_rates.ts";
import { RefusedSockets } from "./refused_sockets.ts";
import { type HostOptions, ServerHost } from "./server_host.ts";

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
export interface ServerOptions extends HostOptions {
  readonly network: Network;
  /** How many new connections a second quotas grant to an address; `null` where they say nothing. */
  readonly connectionRate: (host: string) => number | null;
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
  /** Connections whose clients have yet to authenticate. */
  readonly unauthenticated: number;
  /** `null` where nobody has to. */
  readonly authentications: AuthenticationCounts | null;
  /** Connections that the server closed, by reason. */
  readonly closed: Readonly<Partial<Record<ConnectionCloseReason | "request_failed", number>>>;
}

/** Accepts connections, serves them, and ends them in order. */
export class Server {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #host: ServerHost;
  readonly #counts: ConnectionCounts;
  readonly #connectionRate: (host: string) => number | null;
  readonly #rates = new ConnectionRates();
  readonly #tooEarly = new RefusedSockets();
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
  #refusals = 0;

  constructor(options: ServerOptions) {
    this.#network = options.network;
    this.#clock = options.clock;
    this.#host = new ServerHost(options);
    this.#connectionRate = options.connectionRate;
    this.#counts = new ConnectionCounts(this.#host.limits);
  }

  /**
   * Starts to accept connections; answers the bound address.
   *
   * @throws {KliteError} `ADDRESS_UNAVAILABLE`.
   */
  listen(address: Address, listener: ListenerInfo = PLAINTEXT, tls?: TlsListening): Address {
    const canAsk = this.#host.authStage !== null || !asksForSasl(listener);
    assert(canAsk, "a SASL listener comes with what it takes to authenticate");
    const admits = (remote: Address) => this.#mayShakeHands(listener, remote);
    const loop = new AcceptLoop(this.#network.listen(address, tls?.source, admits), this.#clock, {
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
    const { requests, receivedBytes, sentBytes, memory, unsent, closed, authStage } = this.#host;
    return {
      connections: this.#connections.size,
      accepted: this.#accepted,
      refused: this.#refusals,
      requests,
      receivedBytes,
      sentBytes,
      requestMemoryBytes: memory.totalBytes + (authStage?.memory.totalBytes ?? 0),
      waitingForMemory: memory.waiting + (authStage?.memory.waiting ?? 0),
      unsentBytes: unsent.bytes,
      unauthenticated: authStage?.strangers.size ?? 0,
      authentications: authStage?.counts ?? null,
      closed: { ...closed },
    };
  }

  async #stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#tooEarly.closeAll();
    await Promise.all(this.#listeners.map((listener) => listener.done));
    for (const connection of this.#connections.keys()) connection.drain();
    this.#stopSweeping();
    this.#sweepLater();
    while (this.#connections.size > 0) await Promise.all(this.#connections.values());
    this.#stopSweeping();
  }

  #admit(socket: Socket, listener: ListenerInfo, tls: TlsListening | undefined): void {
    if (this.#stopping !== undefined) return socket.close();
    const { remote } = socket;
    const nowMs = this.#host.now();
    // Where there is TLS that was seen to before the handshake.
    const earlyMs = tls === undefined ? this.#earlyMs(remote.host, nowMs) : 0;
    if (earlyMs > 0) {
      this.#tooEarly.add(socket, earlyMs, nowMs);
      this.#sweepLater();
      return this.#refused(listener, remote, "too_many_per_second");
    }
    const isNamedByTls = tls !== undefined && !asksForSasl(listener);
    const principal = isNamedByTls ? tls.principalOf(socket.peer) : ANONYMOUS;
    const refusal = this.#counts.refusal(remote.host);
    if (principal === null || refusal !== null) {
      socket.close();
      return this.#refused(listener, remote, refusal ?? "unknown_certificate");
    }
    this.#counts.add(remote.host);
    const client = new ClientConnection({
      id: ++this.#accepted,
      listener,
      remote,
      local: socket.local,
      connectedAtMs: this.#clock.nowMs(),
      principal,
      session: asksForSasl(listener) ? this.#host.authStage?.begin(listener, remote) ?? null : null,
    }, this.#host.turns);
    this.#serve(new Connection(socket, client, this.#host));
  }

  /** Whether it is worth a handshake with who comes from there. */
  #mayShakeHands(listener: ListenerInfo, remote: Address): boolean {
    const isEarly = this.#earlyMs(remote.host, this.#host.now()) > 0;
    const refusal = isEarly ? "too_many_per_second" : this.#counts.refusal(remote.host);
    if (refusal !== null) this.#refused(listener, remote, refusal);
    return refusal === null;
  }

  #serve(connection: Connection): void {
    const { host } = connection.client.remote;
    const ended = (): void => {
      this.#connections.delete(connection);
      this.#counts.remove(host);
      this.#host.authStage?.strangers.remove(host, connection);
    };
    this.#connections.set(connection, connection.run().catch((error) => this.#host.fatal(error)).then(ended));
    if (connection.client.session !== null) {
      this.#host.authStage?.strangers.add(host, connection, this.#host.nowMs)?.crowdOut();
    }
    this.#sweepLater();
  }

  #earlyMs(host: string, nowMs: number): number {
    const perSecond = this.#connectionRate(host) ?? this.#host.limits.maxConnectionRatePerAddress;
    return perSecond === Infinity ? 0 : this.#rates.take(host, perSecond, nowMs);
  }

  #refused(listener: ListenerInfo, remote: Address, reason: RefusalReason): void {
    this.#refusals++;
    this.#host.refused(listener.name, remote, reason);
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
    if (this.#connections.size === 0 && this.#tooEarly.size === 0 && this.stats.requestMemoryBytes === 0) {
      return;
    }
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
    const { authStage, memory, nowMs } = this.#host;
    memory.trim();
    authStage?.memory.trim();
    this.#rates.trim(nowMs);
    this.#tooEarly.sweep(nowMs);
    if (nowMs >= this.#cutAtMs) this.#cut();
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
