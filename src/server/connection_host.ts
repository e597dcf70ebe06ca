import type { Timer } from "../io/clock.ts";
import type { ConnectionCloseReason } from "../io/events.ts";
import type { AuthStage } from "./auth_stage.ts";
import type { ClientConnection, Turns } from "./client_connection.ts";
import type { ServerLimits } from "./limits.ts";
import type { MergeBuffers } from "./merge_buffers.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { RequestMemory } from "./request_memory.ts";
import type { UnsentBytes } from "./unsent_bytes.ts";

/** What the connections of a server share, and what they report to it. */
export interface ConnectionHost {
  readonly handler: RequestHandler;
  readonly limits: ServerLimits;
  readonly memory: RequestMemory;
  /** For clients that have to authenticate; `null` where there are none. */
  readonly authStage: AuthStage | null;
  readonly unsent: UnsentBytes;
  readonly turns: Turns;
  readonly mergeBuffers: MergeBuffers;
  /** Monotonic time of the last sweep: good enough to judge idleness, and free. */
  readonly nowMs: number;
  /** Monotonic time now. It costs as much as everything else that is done for a small request, so it is taken for many. */
  now(): number;
  setTimer(delayMs: number, callback: () => void): Timer;
  received(bytes: number): void;
  requestStarted(): void;
  sent(bytes: number): void;
  /** The connection is about to be closed for what the client did or failed to do. */
  closing(client: ClientConnection, reason: ConnectionCloseReason, detail: string): void;
  /** The handler threw what it must not throw; the connection is about to be closed. */
  requestFailed(client: ClientConnection, error: unknown): void;
  /** A broken invariant: the process has to stop. */
  fatal(error: unknown): void;
}
