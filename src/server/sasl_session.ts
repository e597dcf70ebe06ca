import { ErrorCode } from "../base/error_codes.ts";
import type { ListenerInfo } from "../base/listener.ts";
import { ANONYMOUS, type Principal } from "../base/principal.ts";
import type { AuthenticateOutcome, HandshakeOutcome, Session } from "../apis/mod.ts";
import type { Authenticator, SaslExchange, SaslStep, SaslSuccess } from "../auth/mod.ts";
import type { Clock } from "../io/clock.ts";
import type { Address } from "../io/network.ts";
import { ApiKey } from "../protocol/mod.ts";

/** As Kafka: a client that begins to authenticate again sooner is told that it may not. */
const AGAIN_INTERVAL_MS = 1000;
/** The longest time that a client is told: some tokens last for ever, and clients count it in nanoseconds. */
const LIFETIME_MS_MAX = 100 * 365 * 86_400_000;
/** As much of a mechanism's name as is worth logging. */
const SHOWN_CHARACTERS = 40;
const NOTHING = new Uint8Array(0);

/** What sessions share, and where they tell how they went. */
export interface SessionHost {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** After so long a client has to authenticate again; 0: never, unless what it has shown ends by itself. */
  readonly maxSessionMs: number;
  /** How long a client that failed waits to be told so. */
  readonly failureDelayMs: number;
  succeeded(isAgain: boolean): void;
  failed(failure: SessionFailure): void;
}

/** An authentication that came to nothing. */
export interface SessionFailure {
  readonly listener: ListenerInfo;
  readonly remote: Address;
  /** Empty when none was chosen. */
  readonly mechanism: string;
  readonly isAgain: boolean;
  /** Without secrets. */
  readonly reason: string;
}

type State =
  /** ApiVersions may come, or the choice of a mechanism. */
  | "new"
  /** The choice of a mechanism. */
  | "versions_told"
  /** Messages of the exchange. */
  | "exchange"
  /** Again, but with another mechanism than before: its next message is refused. */
  | "other_mechanism"
  /** Requests. */
  | "open"
  /** Nothing more: the connection is about to be closed. */
  | "refused";

/** How the client of one connection authenticates, the first time and again (KIP-368): what may come when, as in Kafka. */
export class SaslSession implements Session {
  readonly #host: SessionHost;
  readonly #listener: ListenerInfo;
  readonly #remote: Address;
  #state: State = "new";
  /** Since when the client has been authenticating; monotonic. */
  #sinceMs: number;
  /** The last that was chosen. */
  #mechanism = "";
  #exchange: SaslExchange | null = null;
  /** For those who work for the exchange. */
  #gone: AbortController | null = null;
  /** The exchange has failed, which is told to all but the client: it has to answer first. */
  #isDoomed = false;
  /** The messages of the exchange come without a header, for SaslHandshake 0 chose the mechanism. */
  #isBare = false;
  /** Who the client has shown to be; `null` until then. */
  #success: SaslSuccess | null = null;
  /** For how long that counts; `null`: for ever. */
  #lifetimeMs: number | null = null;
  /** Until when; monotonic. */
  #endsAtMs = Infinity;
  /** When it last began again. */
  #againAtMs = -Infinity;

  constructor(host: SessionHost, { listener, remote }: Pick<SessionFailure, "listener" | "remote">) {
    this.#host = host;
    this.#listener = listener;
    this.#remote = remote;
    this.#sinceMs = host.clock.monotonicMs();
  }

  get principal(): Principal {
    return this.#success?.principal ?? ANONYMOUS;
  }

  get isToken(): boolean {
    return this.#success?.isToken ?? false;
  }

  /** Whether the client has authenticated and is not about to do it again. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  get hasFailed(): boolean {
    return this.#state === "refused";
  }

  /** Whether the next frame is a message of the exchange and nothing else. */
  get takesMessage(): boolean {
    return this.#isBare && (this.#state === "exchange" || this.#state === "other_mechanism");
  }

  /** Whether messages of the exchange are all that may come. */
  get isInExchange(): boolean {
    return this.#state === "exchange";
  }

  /** For how long the client has been authenticating, once or again; 0 when it is not. */
  pendingMs(nowMs: number): number {
    return this.#state === "open" ? 0 : nowMs - this.#sinceMs;
  }

  /** Whether a request is none of this class's business. */
  passes(apiKey: number, nowMs: number): boolean {
    return this.#state === "open" && nowMs <= this.#endsAtMs && apiKey !== ApiKey.SaslHandshake;
  }

  /** Whether a request that does not pass may be handled all the same. */
  admits(apiKey: number, nowMs: number): boolean {
    switch (this.#state) {
      case "new":
        return apiKey === ApiKey.ApiVersions || apiKey === ApiKey.SaslHandshake;
      case "versions_told":
        return apiKey === ApiKey.SaslHandshake;
      case "exchange":
        return apiKey === ApiKey.SaslAuthenticate;
      case "open":
        return apiKey === ApiKey.SaslHandshake && (nowMs <= this.#endsAtMs || this.#mayBeginAgain(nowMs));
      case "other_mechanism":
      case "refused":
        return false;
    }
  }

  /** Whether a request may be handled, one way or the other. */
  mayCome(apiKey: number, nowMs: number): boolean {
    return !this.takesMessage && (this.passes(apiKey, nowMs) || this.admits(apiKey, nowMs));
  }

  versionsTold(): void {
    if (this.#state === "new") this.#state = "versions_told";
  }

  /** A request that may not come ends it all. Answers why, unless it is reported already. */
  refuse(apiName: string): string | null {
    if (this.#state === "refused") return null;
    if (this.#state === "open") {
      this.#state = "refused";
      this.#sinceMs = this.#host.clock.monotonicMs();
      return "it was time to authenticate again";
    }
    this.#fail(`${apiName} came out of turn`);
    return null;
  }

  handshake(mechanism: string, version: number): HandshakeOutcome {
    const { authenticator, clock } = this.#host;
    const { mechanisms } = authenticator;
    if (this.#state === "open") {
      const nowMs = clock.monotonicMs();
      if (!this.#mayBeginAgain(nowMs)) return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
      this.#sinceMs = this.#againAtMs = nowMs;
    }
    this.#isBare = version === 0;
    const before = this.#mechanism;
    this.#mechanism = mechanism;
    this.#exchange = authenticator.begin(mechanism);
    if (this.#exchange === null) {
      this.#mechanism = mechanism.slice(0, SHOWN_CHARACTERS);
      this.#fail("a mechanism that is not enabled");
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    }
    this.#state = this.#success === null || before === mechanism ? "exchange" : "other_mechanism";
    return { errorCode: ErrorCode.NONE, mechanisms };
  }

  async authenticate(message: Uint8Array): Promise<AuthenticateOutcome> {
    if (this.#state === "open") {
      return failure(
        ErrorCode.ILLEGAL_SASL_STATE,
        "SaslAuthenticate request received after successful authentication",
      );
    }
    const step = await this.#step(message);
    if (step.kind === "failed") return failure(ErrorCode.SASL_AUTHENTICATION_FAILED, step.message);
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: "",
      authBytes: step.bytes,
      sessionLifetimeMs: step.kind === "done" ? this.#lifetimeMs ?? 0 : 0,
    };
  }

  /** Takes a message that came without a header; `null`: it is not answered. */
  async takeMessage(message: Uint8Array): Promise<Uint8Array | null> {
    const step = await this.#step(message);
    return step.kind === "failed" ? null : step.bytes;
  }

  /** The connection is closed: what it takes to answer need not be done any more. */
  leave(): void {
    this.#gone?.abort();
  }

  /** To be awaited before a client learns that it has failed: guessing takes its time. */
  failureDelay(): Promise<void> {
    const { clock, failureDelayMs } = this.#host;
    return new Promise((resolve) => clock.setTimer(failureDelayMs, resolve));
  }

  /** `message` holds only until this returns. */
  async #step(message: Uint8Array): Promise<SaslStep> {
    if (this.#exchange === null || this.#state !== "exchange") return this.#fail("a message out of turn");
    this.#gone ??= new AbortController();
    const step = await this.#exchange.step(message.slice(), this.#gone.signal);
    if (step.kind === "challenge") {
      if (step.refusal !== undefined) {
        this.#isDoomed = true;
        this.#report(step.refusal);
      }
      return step;
    }
    if (step.kind === "failed") return this.#fail(step.reason, step.message);
    const before = this.#success?.principal;
    if (before !== undefined && before.text !== step.principal.text) {
      const change = `from ${nameOf(before)}: ${nameOf(step.principal)}`;
      const words = `Cannot change principals during re-authentication ${change}`;
      return this.#fail(words, words);
    }
    this.#open(step);
    return step;
  }

  #open(success: SaslSuccess): void {
    const { clock, maxSessionMs } = this.#host;
    const isAgain = this.#success !== null;
    const leftMs = success.endsAtMs === null
      ? Infinity
      : Math.min(Math.max(0, Math.floor(success.endsAtMs) - clock.nowMs()), LIFETIME_MS_MAX);
    const lifetimeMs = Math.min(leftMs, maxSessionMs === 0 ? Infinity : maxSessionMs);
    this.#lifetimeMs = lifetimeMs === Infinity ? null : lifetimeMs;
    this.#endsAtMs = clock.monotonicMs() + lifetimeMs;
    this.#success = success;
    this.#exchange = null;
    this.#gone = null;
    this.#state = "open";
    this.#host.succeeded(isAgain);
  }

  #mayBeginAgain(nowMs: number): boolean {
    return this.#endsAtMs !== Infinity && nowMs - this.#againAtMs >= AGAIN_INTERVAL_MS;
  }

  #fail(reason: string, message = reason): SaslStep & { readonly kind: "failed" } {
    if (!this.#isDoomed) {
      this.#report(this.#state === "other_mechanism" ? "not the mechanism of the first time" : reason);
    }
    this.#state = "refused";
    this.#exchange = null;
    return { kind: "failed", reason, message };
  }

  #report(reason: string): void {
    this.#host.failed({
      listener: this.#listener,
      remote: this.#remote,
      mechanism: this.#mechanism,
      isAgain: this.#success !== null,
      reason,
    });
  }
}

function failure(errorCode: number, errorMessage: string): AuthenticateOutcome {
  return { errorCode, errorMessage, authBytes: NOTHING, sessionLifetimeMs: 0 };
}

/** As Kafka writes it there. */
function nameOf({ type, name }: Principal): string {
  return `${type}.${name}`;
}
