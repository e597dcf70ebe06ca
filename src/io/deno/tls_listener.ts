import { assert } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import type { Address, Listener, Socket, TlsSource } from "../network.ts";
import type { DenoListener, TcpConnection } from "./network.ts";
import { DenoTlsContext } from "./tls_context.ts";
import { Handshake } from "./tls_handshake.ts";
import type { DenoTlsSocket } from "./tls_socket.ts";

/** Handshakes under way. One takes about 100 KB; an honest one is over in milliseconds. */
const HANDSHAKES_MAX = 512;

/** Gives connections whose TLS handshake is done, in the order in which they are. */
export class TlsListener implements Listener {
  readonly #tcp: DenoListener;
  readonly #source: TlsSource;
  readonly #admits: (remote: Address) => boolean;
  /** The oldest first. */
  readonly #underWay = new Set<Handshake>();
  readonly #ready: DenoTlsSocket[] = [];
  #failure: KliteError | undefined;
  #isAccepting = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(tcp: DenoListener, source: TlsSource, admits: (remote: Address) => boolean) {
    this.#tcp = tcp;
    this.#source = source;
    this.#admits = admits;
  }

  get address(): Address {
    return this.#tcp.address;
  }

  async accept(): Promise<Socket | null> {
    for (;;) {
      const ready = this.#ready.shift();
      if (ready !== undefined) return ready;
      if (this.#closed) return null;
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure;
      if (!this.#isAccepting) void this.#acceptAll();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tcp.close();
    for (const handshake of this.#underWay) handshake.giveUp("the broker stops");
    for (const socket of this.#ready.splice(0)) socket.close();
    this.#wakeUp();
  }

  /** Until the system cannot hand over a connection: then whoever asks learns of it, and asks again. */
  async #acceptAll(): Promise<void> {
    this.#isAccepting = true;
    try {
      for (;;) {
        const accepted = await this.#tcp.acceptTcp();
        if (accepted === null) return;
        // It may have come at the last moment.
        if (this.#closed) return accepted.connection.close();
        if (this.#admits(accepted.remote)) this.#begin(accepted);
        else accepted.connection.close();
        // Those that have said something are not silent any more: they shall be heard before others take their place.
        if (this.#underWay.size === HANDSHAKES_MAX) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      this.#failure = error;
    } finally {
      this.#isAccepting = false;
      this.#wakeUp();
    }
  }

  #begin(accepted: TcpConnection): void {
    const { context, clientAuth } = this.#source;
    assert(context instanceof DenoTlsContext, "a context of this network");
    if (this.#underWay.size >= HANDSHAKES_MAX) this.#makePlace();
    const handshake = new Handshake(accepted, context, clientAuth, {
      done: (socket) => {
        this.#underWay.delete(handshake);
        this.#ready.push(socket);
        this.#wakeUp();
      },
      failed: (reason) => {
        this.#underWay.delete(handshake);
        if (!this.#closed) this.#source.refused(accepted.remote, reason);
      },
    });
    this.#underWay.add(handshake);
  }

  /**
   * Whoever has most under way loses one, so that nobody can keep others out by being slow: the oldest of those that have
   * said nothing yet, which honest clients do at once, or the oldest of all.
   */
  #makePlace(): void {
    const byHost = new Map<string, { count: number; first: Handshake }>();
    let most: { count: number; first: Handshake } | undefined;
    for (const handshake of this.#underWay) {
      const { host } = handshake.remote;
      let ofHost = byHost.get(host);
      if (ofHost === undefined) byHost.set(host, ofHost = { count: 0, first: handshake });
      ofHost.count++;
      if (handshake.isSilent && !ofHost.first.isSilent) ofHost.first = handshake;
      if (most === undefined || ofHost.count > most.count) most = ofHost;
    }
    most?.first.giveUp("too many handshakes are under way");
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
