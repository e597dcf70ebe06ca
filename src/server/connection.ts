import { assert, AssertionError } from "../base/assert.ts";
import { KliteError } from "../base/klite_error.ts";
import type { ConnectionCloseReason } from "../io/events.ts";
import type { Socket } from "../io/network.ts";
import { ProtocolError } from "../protocol/mod.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { ConnectionHost } from "./connection_host.ts";
import { Mute } from "./mute.ts";
import { Outbox } from "./outbox.ts";
import { ReceiveBuffer } from "./receive_buffer.ts";
import type { Reply, ResponseReply } from "./request_handler.ts";
import type { SaslSession } from "./sasl_session.ts";
import { ResponseSlots } from "./response_slots.ts";
import { explainBadFrame } from "./stranger.ts";
import { troubleOf } from "./patience.ts";

/** How long a connection that was closed for writing may take to close its side, too. */
const LINGER_MS = 2000;

type State =
  /** Requests are read and started. */
  | "open"
  /** No new ones are; what is under way is finished and written. */
  | "ending"
  /** All is written and the client knows that nothing more will come; it is to close its side. */
  | "lingering"
  | "closed";

/**
 * One client's connection: frames in, replies out, in order.
 *
 * A loop reads as long as there is room, whether or not requests are under way, so a client that goes away is
 * noticed. Requests start as they are found in the buffer, but only while `#mayStart` allows it; whatever changes
 * that (a reply, a finished write) calls `#advance`. All ways to the end but sudden death go through `#end`, which
 * finishes what is under way first.
 */
export class Connection {
  readonly client: ClientConnection;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #input: ReceiveBuffer;
  readonly #slots: ResponseSlots;
  readonly #outbox: Outbox;
  readonly #resume = (): void => this.#advance();
  readonly #flush = (): void => {
    this.#willFlush = false;
    this.#outbox.flush();
  };
  #willFlush = false;
  /** The time of the answers that get ready together; negative when none are. */
  #answersAtMs = -1;
  #state: State = "open";
  /** A request is under way beside which no other may be. */
  #exclusive = false;
  /** The client has closed its side. */
  #inputEnded = false;
  /** A reply said to close: replies to later requests are not wanted. */
  #sealed = false;
  #wakeReader: (() => void) | undefined;
  /** The client has never authenticated, and has to. */
  #isStranger = false;
  /** The client has taken all of an answer. */
  #hasTaken = false;
  #writeClosed: Promise<void> | undefined;
  #lastReadMs: number;
  #lastWriteMs: number;
  /** While it is on nothing is read and no request started, because an answer said so. Most connections never have one. */
  #mute: Mute | undefined;
  /** Since when the frame under way has been holding memory. */
  #holdingSinceMs: number | undefined;

  constructor(socket: Socket, client: ClientConnection, host: ConnectionHost) {
    this.client = client;
    this.#socket = socket;
    this.#host = host;
    const { limits, authStage } = host;
    if (client.session === null || authStage === null) {
      this.#input = new ReceiveBuffer(host.memory, limits.maxFrameBytes);
    } else {
      this.#isStranger = true;
      this.#input = new ReceiveBuffer(authStage.memory, limits.maxUnauthenticatedFrameBytes);
    }
    this.#slots = new ResponseSlots(limits.maxInFlight, {
      reply: (reply) => this.#deliver(reply),
      failure: (error) => this.#handlerFailed(error),
      progress: this.#resume,
    });
    this.#outbox = new Outbox(socket, host.mergeBuffers, host.unsent, {
      written: (count) => this.#written(count),
      drained: () => {
        this.#hasTaken = true;
        this.#advance();
      },
      failed: (error) => this.#lost(error),
    }, limits);
    this.#lastReadMs = host.nowMs;
    this.#lastWriteMs = host.nowMs;
  }

  /** Serves the connection to its end. Never rejects; nothing of it is running when it resolves. */
  async run(): Promise<void> {
    try {
      await this.#readRequests();
      await this.#finish();
    } catch (error) {
      this.#lost(error);
    }
    assert(this.#state === "closed", "a connection ended without being closed");
    this.#input.dispose();
    await this.#outbox.settled;
    await this.#writeClosed;
  }

  /** Finishes what is under way and closes, without a report: the server stops. */
  drain(): void {
    this.#end();
  }

  /** Closes at once; what is under way is lost. Idempotent. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#mute?.cancel();
    this.#socket.close();
    this.#outbox.close();
    this.#host.unsent.forget(this.#resume);
    this.client.leaveTurn();
    this.#input.stopWaiting();
    this.#wake();
    this.client.session?.leave();
    this.client.end();
  }

  /** Memory of responses that the client has not taken to the end. */
  get heldBytes(): number {
    return this.#outbox.heldBytes;
  }

  /** Whether the client has responses to take and took nothing of them for so long. */
  isDeaf(stallMs: number): boolean {
    return !this.#outbox.isIdle && this.#host.nowMs - this.#lastWriteMs >= stallMs;
  }

  /** Closes at once, for others need the memory of the responses that this client does not take. */
  giveUp(): void {
    this.#fail(
      "slow_reader",
      `had ${this.#outbox.unsentBytes} response bytes to take while memory for them was short`,
    );
  }

  /** Closes at once, for too many others have yet to authenticate, too. */
  crowdOut(): void {
    this.#fail("unauthenticated", "had not authenticated yet when there were too many such connections");
  }

  /** Closes the connection if it has been at rest for too long. Called about every second. */
  sweep(lingerMs: number = LINGER_MS): void {
    const { nowMs, limits, memory } = this.#host;
    const unreadMs = nowMs - this.#lastReadMs;
    const unwrittenMs = nowMs - this.#lastWriteMs;
    if (this.#state === "lingering") {
      if (unwrittenMs >= lingerMs) this.close();
      return;
    }
    if ((this.client.session?.pendingMs(nowMs) ?? 0) >= limits.authenticationMs) {
      this.#fail("unauthenticated", `did not authenticate within ${limits.authenticationMs} ms`);
      return;
    }
    const trouble = troubleOf({
      unreadMs,
      unwrittenMs,
      isWriting: !this.#outbox.isIdle,
      isAnswering: this.#slots.pending > 0,
      isMuted: this.#mute?.isOn === true,
      hasFrame: this.#input.hasFrame,
      holdsMemory: this.#input.holdsMemory,
      waitsForMemory: this.#input.waitsForMemory,
      othersWait: memory.waiting > 0,
      frameMs: this.#holdingSinceMs === undefined ? -1 : nowMs - this.#holdingSinceMs,
    }, limits);
    if (trouble !== null) this.#fail(trouble.reason, trouble.detail);
  }

  async #readRequests(): Promise<void> {
    while (this.#state === "open") {
      if (this.#mute?.isOn === true) {
        await this.#woken();
        continue;
      }
      const room = this.#input.prepare(this.#mayGrow());
      if (room === "ready") {
        const count = await this.#socket.read(this.#input.room());
        if (count === null) {
          this.#inputEnded = true;
          return;
        }
        this.#received(count);
      } else if (room === "blocked") await this.#woken();
      else await this.#input.whenRoom();
      if (!this.#input.holdsMemory) this.#holdingSinceMs = undefined;
      else this.#holdingSinceMs ??= this.#host.nowMs;
    }
  }

  /** No more is read, for the client closed its side or the connection ends: what is under way is finished. */
  async #finish(): Promise<void> {
    if (this.#state === "open") {
      // Complete requests are still served, such as the last ones of a producer that wants no answers.
      this.client.end();
      this.#advance();
      while (this.#state === "open") await this.#woken();
    }
    this.#input.dispose();
    // Closing with unread bytes would be a reset, which can cost the client the last answers.
    while (this.#state !== "closed" && !this.#inputEnded) {
      this.#inputEnded = await this.#socket.read(this.#input.room()) === null;
    }
    this.#finishIfDone();
    while (this.#state !== "closed") await this.#woken();
  }

  #received(count: number): void {
    this.#input.received(count);
    this.#lastReadMs = this.#host.nowMs;
    this.#host.received(count);
    this.#startRequests();
    this.#outbox.flush();
  }

  /** Something is answered or written: more may be possible now. */
  #advance(): void {
    this.#answersAtMs = -1;
    if (this.#state === "closed") return;
    try {
      if (this.#slots.pending === 0) this.#exclusive = false;
      const { session } = this.client;
      if (session !== null) this.#follow(session);
      if (this.#input.hasFrame || session !== null) this.#startRequests();
      this.#flushSoon();
      this.#finishIfDone();
    } catch (error) {
      this.#lost(error);
    }
    this.#wake();
  }

  /** What may come next is another matter after each step of an authentication. */
  #follow(session: SaslSession): void {
    if (this.#exclusive) return;
    this.#input.framesAreFree(session.takesMessage);
    if (!this.#isStranger || !session.isOpen) return;
    this.#isStranger = false;
    this.#input.changeBounds(this.#host.memory, this.#host.limits.maxFrameBytes);
    this.#host.authStage?.strangers.remove(this.client.remote.host, this);
  }

  /** The replies that one commit completes come in consecutive microtasks: they gather before they are written. */
  #flushSoon(): void {
    if (this.#willFlush || this.#outbox.isIdle) return;
    this.#willFlush = true;
    queueMicrotask(this.#flush);
  }

  /** Starts the requests that are there, as far as they may start. */
  #startRequests(): void {
    let nowMs = -1;
    while (this.#state === "open") {
      // What the next frame may be is open until the step of the authentication that is under way is done.
      if (this.#exclusive && this.#isAuthenticating) return;
      let frame: Uint8Array<ArrayBuffer> | undefined;
      try {
        frame = this.#input.frame();
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#host.closing(
          this.client,
          "bad_frame",
          explainBadFrame(error.message, this.#input.firstBytes()),
        );
        this.#end();
        return;
      }
      if (frame === undefined || !this.#mayStart(frame)) return;
      this.#host.requestStarted();
      if (nowMs < 0) nowMs = this.#host.now();
      this.client.requestAtMs = nowMs;
      this.#handle(frame);
      this.#input.consume();
    }
  }

  #handle(frame: Uint8Array<ArrayBuffer>): void {
    this.#answersAtMs = -1;
    try {
      this.#slots.add(this.#host.handler.handle(frame, this.client));
    } catch (error) {
      this.#slots.addFailure(error);
    }
    if (this.#slots.pending === 0) this.#exclusive = false;
  }

  #mayStart(frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.#exclusive || this.#slots.isFull || this.#outbox.isFull || this.#mute?.isOn === true) {
      return false;
    }
    const { client } = this;
    if (this.#host.handler.pipelines(frame, client)) return true;
    if (this.#slots.pending > 0 || !this.#host.handler.isReady(frame, client, this.#resume)) return false;
    if (this.#host.unsent.isOver) {
      this.#host.unsent.whenBelow(this.#resume, this.#hasTaken);
      return false;
    }
    const { handler, turns } = this.#host;
    if (handler.isHeavy(frame, client) && !turns.heavyRequests.isTurnOf(client, this.#resume)) return false;
    this.#exclusive = true;
    return true;
  }

  /** Whether the frame under way could start if it were complete; if not, it takes no more memory. */
  #mayGrow(): boolean {
    return !this.#exclusive && !this.#outbox.isFull;
  }

  #deliver(reply: Reply): void {
    const response = reply.kind === "close" ? reply.last : reply.kind === "response" ? reply : undefined;
    if (this.#state === "closed" || this.#sealed) response?.release();
    else {
      if (response !== undefined) this.#send(response);
      if (reply.kind === "close") {
        this.#sealed = true;
        if (reply.reason !== null) this.#host.closing(this.client, "refused", reply.reason);
        this.#end();
      } else if (reply.muteMs !== undefined && reply.muteMs > 0) this.#muteFor(reply.muteMs);
    }
    this.client.leaveTurn();
  }

  #send(reply: ResponseReply): void {
    if (this.#outbox.isIdle) this.#lastWriteMs = this.#host.nowMs;
    this.#outbox.push(reply);
    if (reply.answered !== undefined) {
      if (this.#answersAtMs < 0) this.#answersAtMs = this.#host.now();
      reply.answered(this.#answersAtMs);
    }
  }

  #muteFor(durationMs: number): void {
    this.#mute ??= new Mute((delayMs, ended) => this.#host.setTimer(delayMs, ended), () => {
      this.#lastReadMs = this.#host.now();
      this.#holdingSinceMs = undefined;
      this.#advance();
    });
    this.#mute.begin(this.#host.now(), durationMs);
  }

  #handlerFailed(error: unknown): void {
    this.client.leaveTurn();
    if (error instanceof AssertionError) {
      this.close();
      this.#host.fatal(error);
      return;
    }
    if (this.#state === "closed" || this.#sealed) return;
    this.#sealed = true;
    if (error instanceof ProtocolError) this.#host.closing(this.client, "malformed", error.message);
    else this.#host.requestFailed(this.client, error);
    this.#end();
  }

  #written(count: number): void {
    this.#lastWriteMs = this.#host.nowMs;
    this.#host.sent(count);
    if (this.#input.hasFrame || this.#wakeReader !== undefined) this.#advance();
  }

  /** Starts no more requests, and closes once those under way are answered. */
  #end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.client.end();
    this.#input.stopWaiting();
    this.#wake();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#state === "open" && this.#inputEnded && !this.#input.hasFrame) this.#end();
    const answered = this.#slots.pending === 0 || this.#sealed;
    if (this.#state === "ending" && answered && this.#outbox.isIdle) {
      this.#state = "lingering";
      this.#lastWriteMs = this.#host.nowMs;
      if (!this.#inputEnded) {
        this.#writeClosed = this.#socket.closeWrite().catch((error) => this.#lost(error));
      }
    }
    if (this.#state === "lingering" && this.#inputEnded) this.close();
  }

  #fail(reason: ConnectionCloseReason, detail: string): void {
    this.#host.closing(this.client, reason, detail);
    this.close();
  }

  /** Reading or writing failed: the client is gone, unless the fault is ours. */
  #lost(error: unknown): void {
    this.close();
    if (!(error instanceof KliteError && error.code === "CONNECTION_CLOSED")) this.#host.fatal(error);
  }

  get #isAuthenticating(): boolean {
    return this.client.session !== null && !this.client.session.isOpen;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wakeReader = resolve);
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }
}
