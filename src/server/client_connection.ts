import type { ListenerInfo } from "../base/listener.ts";
import type { Principal } from "../base/principal.ts";
import type { Address } from "../io/network.ts";
import type { SaslSession } from "./sasl_session.ts";
import type { TurnQueue } from "./turn_queue.ts";
import type { UnsentBytes } from "./unsent_bytes.ts";

/** What is done for a few at a time, so that memory suffices for all in turn. */
export interface Turns {
  /** Forming an answer later than its request came. */
  readonly answers: TurnQueue;
  /** Working on a request that is heavy, as `RequestHandler.isHeavy` says. */
  readonly heavyRequests: TurnQueue;
  /** What answers take in all, for which these are the turns. */
  readonly unsent: UnsentBytes;
}

/** A connection as the handler of its requests sees it. */
export class ClientConnection {
  /** Counts up from 1 in the order of arrival. */
  readonly id: number;
  /** The listener that took it. */
  readonly listener: ListenerInfo;
  readonly remote: Address;
  /** The address of ours that the client connected to. */
  readonly local: Address;
  /** Wall clock. */
  readonly connectedAtMs: number;
  /** How the client shows over SASL who it is; `null` where it need not. */
  readonly session: SaslSession | null;
  /** What the client says it is in ApiVersions (KIP-511); empty until then. */
  softwareName = "";
  softwareVersion = "";
  /** When the request that is being handled, or was last, began to be; monotonic. */
  requestAtMs = 0;
  /** Whom its certificate shows. */
  readonly #principal: Principal;
  readonly #turns: Turns;
  #ending = false;
  #onEnding: Set<() => void> | undefined;

  constructor(
    about: Pick<
      ClientConnection,
      "id" | "listener" | "remote" | "local" | "connectedAtMs" | "principal" | "session"
    >,
    turns: Turns,
  ) {
    this.#turns = turns;
    this.id = about.id;
    this.listener = about.listener;
    this.remote = about.remote;
    this.local = about.local;
    this.connectedAtMs = about.connectedAtMs;
    this.#principal = about.principal;
    this.session = about.session;
  }

  /** Who the client is, as far as it is known. */
  get principal(): Principal {
    return this.session === null ? this.#principal : this.session.principal;
  }

  /**
   * Whether no more requests will come: the server stops, the client has closed its side or is gone, or the
   * connection is about to be closed. What still waits (a long poll) should answer now with what there is.
   */
  get ending(): boolean {
    return this.#ending;
  }

  /** Calls `listener` once when {@link ending} becomes true; at once when it is. */
  onEnding(listener: () => void): void {
    if (this.#ending) listener();
    else (this.#onEnding ??= new Set()).add(listener);
  }

  /** Takes a listener back that is no longer of use. */
  offEnding(listener: () => void): void {
    this.#onEnding?.delete(listener);
  }

  /** How large an answer should be now, where that is a matter of choice: less as memory for answers gets short. */
  get answerBytesMax(): number {
    return this.#turns.unsent.bytesForOne;
  }

  /**
   * To be awaited before an answer is formed later than its request came, unless the request is one of those that
   * run side by side: waits until there is memory for it. The turn ends with the answer.
   */
  answerTurn(): Promise<void> | undefined {
    const { promise, resolve } = Promise.withResolvers<void>();
    return this.#turns.answers.isTurnOf(this, resolve) ? undefined : promise;
  }

  /** Ends the turn, and the one that a heavy request has from its beginning, before there is an answer. */
  leaveTurn(): void {
    this.#turns.answers.end(this);
    this.#turns.heavyRequests.end(this);
  }

  /** For the connection itself: makes {@link ending} true. Idempotent. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    const listeners = this.#onEnding;
    this.#onEnding = undefined;
    if (listeners !== undefined) { for (const listener of listeners) listener(); }
  }
}
