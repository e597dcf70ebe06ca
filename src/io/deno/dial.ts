import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type { Dialer } from "../dial.ts";
import type { Address, Socket } from "../network.ts";
import { DenoSocket, tcpConnection } from "./network.ts";

/** TCP connections to elsewhere. */
export class DenoDialer implements Dialer {
  async connect(address: Address, timeoutMs: number): Promise<Socket> {
    // Not AbortSignal.timeout(): the signal closes the connection also once it is made.
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const connection = await Deno.connect({
        hostname: address.host,
        port: address.port,
        signal: abort.signal,
      });
      return new DenoSocket(tcpConnection(connection));
    } catch (cause) {
      const reason = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : "nothing answers there";
      throw new KliteError("CONNECTION_CLOSED", `${formatAddress(address)}: ${reason}`, {
        retriable: true,
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
