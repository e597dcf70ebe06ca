import type { ListenerInfo } from "../base/listener.ts";
import type { Authenticator } from "../auth/mod.ts";
import type { Clock } from "../io/clock.ts";
import { EventLimiter } from "../io/event_limiter.ts";
import type { EventSink } from "../io/events.ts";
import type { Address } from "../io/network.ts";
import { framePrefixBytes } from "../protocol/mod.ts";
import type { Connection } from "./connection.ts";
import type { ServerLimits } from "./limits.ts";
import { RequestMemory } from "./request_memory.ts";
import { SaslSession, type SessionFailure, type SessionHost } from "./sasl_session.ts";
import { Unauthenticated } from "./unauthenticated.ts";

/** How authentications went, since the start. */
export interface AuthenticationCounts {
  readonly succeeded: number;
  readonly failed: number;
  /** Of clients that had authenticated before (KIP-368). */
  readonly repeated: number;
  readonly repeatsFailed: number;
}

/** What it works with. */
export interface AuthStageParts {
  /** By whom clients are asked who they are. */
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** What the connections share that have to authenticate. */
export class AuthStage implements SessionHost {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly maxSessionMs: number;
  readonly failureDelayMs: number;
  /** Bytes of requests until then: strangers do not take from what others need. */
  readonly memory: RequestMemory;
  readonly strangers: Unauthenticated<Connection>;
  readonly #events: EventSink;
  readonly #limiter: EventLimiter;
  readonly #counts = { succeeded: 0, failed: 0, repeated: 0, repeatsFailed: 0 };

  constructor(parts: AuthStageParts, limits: ServerLimits) {
    this.authenticator = parts.authenticator;
    this.clock = parts.clock;
    this.maxSessionMs = limits.maxSessionMs;
    this.failureDelayMs = limits.failureDelayMs;
    this.#events = parts.events;
    this.#limiter = new EventLimiter(parts.clock);
    this.strangers = new Unauthenticated(limits.maxUnauthenticated);
    const { unauthenticatedMemoryBytes, maxUnauthenticatedFrameBytes } = limits;
    const frameBytes = maxUnauthenticatedFrameBytes + framePrefixBytes;
    this.memory = new RequestMemory(unauthenticatedMemoryBytes, frameBytes, { readAhead: false });
  }

  get counts(): AuthenticationCounts {
    return this.#counts;
  }

  /** For a connection that has just come. */
  begin(listener: ListenerInfo, remote: Address): SaslSession {
    return new SaslSession(this, { listener, remote });
  }

  succeeded(isAgain: boolean): void {
    if (isAgain) this.#counts.repeated++;
    else this.#counts.succeeded++;
  }

  failed({ listener, ...failure }: SessionFailure): void {
    if (failure.isAgain) this.#counts.repeatsFailed++;
    else this.#counts.failed++;
    this.#limiter.limit(
      "authentication_failed",
      (suppressed) =>
        this.#events({ type: "authentication_failed", listener: listener.name, ...failure, suppressed }),
    );
  }
}
