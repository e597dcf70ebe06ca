import type { Address, Socket } from "./network.ts";

/** The way out: connections that this process opens. */
export interface Dialer {
  /** Connects; `CONNECTION_CLOSED` when nobody answers within `timeoutMs`. */
  connect(address: Address, timeoutMs: number): Promise<Socket>;
}
