import type { Address, Socket } from "./network.ts";

/** The way out: connections that this process opens. */
export interface Dialer {
  /**
   * Connects; `CONNECTION_CLOSED` when nobody answers within `timeoutMs`. With `trustedFile`, over TLS with whom the
   * authorities in that file vouch for (PEM); fails as `Files.read` does when it cannot be read.
   */
  connect(address: Address, timeoutMs: number, trustedFile?: string | null): Promise<Socket>;
}
