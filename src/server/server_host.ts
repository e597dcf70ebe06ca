import type { Clock, Timer } from "../io/clock.ts";
import { EventLimiter } from "../io/event_limiter.ts";
import type { ConnectionCloseReason, EventSink, RefusalReason } from "../io/events.ts";
import type { Address } from "../io/network.ts";
import { framePrefixBytes } from "../protocol/mod.ts";
import type { AuthStage } from "./auth_stage.ts";
import type { ClientConnection, Turns } from "./client_connection.ts";
import type { ConnectionHost } from "./connection_host.ts";
import { defaultLimits, type ServerLimits } from "./limits.ts";
import { MergeBuffers } from "./merge_buffers.ts";
import type { RequestHandler } from "./request_handler.ts";
import { RequestMemory } from "./request_memory.ts";
import { TurnQueue } from "./turn_queue.ts";
import { UnsentBytes } from "./unsent_bytes.ts";

/** Answers that are formed later than their request came, at a time: each reads or forms up to 8 MiB. */
const ANSWERS_AT_A_TIME = 4;
const HEAVY_REQUESTS_AT_A_TIME = 2;

/** What connections work with, and what becomes of what they tell. */
export interface HostOptions {
  readonly clock: Clock;
  readonly handler: RequestHandler;
  /** For SASL listeners; `null` without. */
  readonly authStage: AuthStage | null;
  readonly events: EventSink;
  /** Called with a broken invariant: the process has to stop. */
  readonly onFatal: (error: unknown) => void;
  /** Where they differ from the default ones. */
  readonly limits?: Partial<ServerLimits>;
}

/** What connections share, and where what they tell is counted and turned into events. */
export class ServerHost implements ConnectionHost {
  readonly handler: RequestHandler;
  readonly limits: ServerLimits;
  readonly memory: RequestMemory;
  readonly authStage: AuthStage | null;
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

  constructor(options: HostOptions) {
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
    this.authStage = options.authStage;
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
