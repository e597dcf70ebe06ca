import type { ConnectionCloseReason } from "../io/events.ts";
import type { ServerLimits } from "./limits.ts";

/** How it stands with a connection, as far as it is judged by that whether it is to stay. Times in ms. */
export interface Standing {
  /** Since when nothing was read, and nothing written. */
  readonly unreadMs: number;
  readonly unwrittenMs: number;
  /** The client has answers to take. */
  readonly isWriting: boolean;
  /** Requests are worked on. */
  readonly isAnswering: boolean;
  /** The client has to pause. */
  readonly isMuted: boolean;
  /** A whole request is there. */
  readonly hasFrame: boolean;
  /** It holds memory that others could use, or waits for some; others do. */
  readonly holdsMemory: boolean;
  readonly waitsForMemory: boolean;
  readonly othersWait: boolean;
  /** How long the request that is arriving has held memory; negative when none does. */
  readonly frameMs: number;
}

/** Why a connection has to go. */
export interface Trouble {
  readonly reason: ConnectionCloseReason;
  readonly detail: string;
}

/** What patience with a connection has ended over; `null` while it may stay. */
export function troubleOf(standing: Standing, limits: ServerLimits): Trouble | null {
  const { unreadMs, unwrittenMs, isWriting, isAnswering, isMuted, hasFrame } = standing;
  const { idleMs, stallMs, frameDeadlineMs } = limits;
  if (isWriting) {
    const patienceMs = standing.holdsMemory ? stallMs : idleMs;
    if (unwrittenMs < patienceMs) return null;
    return { reason: "slow_reader", detail: `took no response bytes for ${patienceMs} ms` };
  }
  if (isAnswering) return null;
  const isIdle = Math.min(unreadMs, unwrittenMs) >= idleMs;
  const hasStalled = standing.holdsMemory && !standing.waitsForMemory && unreadMs >= stallMs;
  if (isMuted) {
    // A pause can be long: nobody waits for memory until it ends, and who has gone goes as who is idle, as in Kafka.
    if (hasStalled && standing.othersWait) {
      return {
        reason: "stalled_request",
        detail: "has to pause in the middle of a request while memory is short",
      };
    }
    return isIdle ? { reason: "idle", detail: `nothing moved for ${idleMs} ms, for it has to pause` } : null;
  }
  if (hasFrame) return null;
  if (hasStalled) {
    return {
      reason: "stalled_request",
      detail: `sent nothing for ${stallMs} ms in the middle of a request`,
    };
  }
  const isLate = standing.frameMs >= frameDeadlineMs && !standing.waitsForMemory;
  if (isLate && standing.othersWait) {
    return { reason: "stalled_request", detail: `took more than ${frameDeadlineMs} ms to send a request` };
  }
  return isIdle ? { reason: "idle", detail: `nothing moved for ${idleMs} ms` } : null;
}
