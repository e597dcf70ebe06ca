import type { ClientConnection } from "./client_connection.ts";

export type { ClientConnection };

/** A response on its way to the client. */
export interface ResponseReply {
  readonly kind: "response";
  /** With the size prefix, ready for the socket; unchanged until {@link release}. */
  readonly bytes: Uint8Array;
  /** If given, the response may be sent once this has resolved; if it rejects, the request has failed. */
  readonly after?: Promise<void> | undefined;
  /** If given, and not 0: nothing of the connection is read, and no request started, for so long from its turn on. */
  readonly muteMs?: number;
  /** If given, called once when its turn to be written has come, at this monotonic time. */
  answered?(nowMs: number): void;
  /** Called exactly once, when the bytes were written or never will be. Must not throw. */
  release(): void;
}

/** What becomes of one request. */
export type Reply =
  | ResponseReply
  /** The client expects no response (produce with acks=0). */
  | { readonly kind: "none"; readonly muteMs?: number }
  /**
   * The connection is closed once the answers to earlier requests are written, and `last`. The reason is reported, unless
   * it is `null` because it has been.
   */
  | { readonly kind: "close"; readonly reason: string | null; readonly last?: ResponseReply | undefined };

/** The answer to a request that has none. */
export const NO_REPLY: Reply = Object.freeze({ kind: "none" });
/** Ends the connection: the only way to report an error where no answer is expected. */
export const CLOSE: Reply = Object.freeze({ kind: "close", reason: "a request without an answer failed" });

/** Answers requests. One handler serves all connections. */
export interface RequestHandler {
  /** Whether this request can be handled already; if not, calls `resume` once it can. Asked again then. */
  isReady(frame: Uint8Array<ArrayBuffer>, client: ClientConnection, resume: () => void): boolean;
  /**
   * Whether this request may start while earlier ones of its connection are unanswered, and later ones while it
   * is. Kafka takes one request of a connection at a time, so this is for requests whose effect is complete when
   * `handle` returns and whose answer alone comes later: produce.
   */
  pipelines(frame: Uint8Array<ArrayBuffer>, client: ClientConnection): boolean;
  /**
   * Whether the work on this request may take many times its size: there are few such at a time, from their
   * beginning until they are answered or leave their turn.
   */
  isHeavy(frame: Uint8Array<ArrayBuffer>, client: ClientConnection): boolean;
  /**
   * Handles a request. `frame` is without the size prefix and holds only until this returns. The replies reach
   * the client in the order of the requests, whatever order they are ready in.
   *
   * A `ProtocolError`, thrown or rejected with, closes the connection; an `AssertionError` stops the process; any
   * other error is a fault in klite, is reported as such and closes the connection.
   */
  handle(frame: Uint8Array<ArrayBuffer>, client: ClientConnection): Reply | Promise<Reply>;
}
