import type { Socket } from "../io/network.ts";

/** Each takes a descriptor; whoever comes when there are so many is closed at once. */
const HELD_MAX = 256;
/** Longest time that one is held. As long as Kafka's. */
const HELD_MS_MAX = 10_000;

/**
 * Connections that came too early. They are closed only when it would have been time for them: a client that is closed
 * at once comes back at once.
 */
export class RefusedSockets {
  readonly #closeAtMs = new Map<Socket, number>();

  get size(): number {
    return this.#closeAtMs.size;
  }

  /** Takes one that came `earlyMs` too early. */
  add(socket: Socket, earlyMs: number, nowMs: number): void {
    if (this.#closeAtMs.size === HELD_MAX) socket.close();
    else this.#closeAtMs.set(socket, nowMs + Math.min(earlyMs, HELD_MS_MAX));
  }

  /** Closes those whose time has come. */
  sweep(nowMs: number): void {
    for (const [socket, closeAtMs] of this.#closeAtMs) {
      if (closeAtMs > nowMs) continue;
      this.#closeAtMs.delete(socket);
      socket.close();
    }
  }

  /** The server stops. */
  closeAll(): void {
    for (const socket of this.#closeAtMs.keys()) socket.close();
    this.#closeAtMs.clear();
  }
}
