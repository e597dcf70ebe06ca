import { KliteError } from "../../base/klite_error.ts";
import { formatAddress } from "../address.ts";
import type { Dialer } from "../dial.ts";
import type { Address, Socket } from "../network.ts";
import { DenoFiles } from "./files.ts";
import { DenoSocket, tcpConnection } from "./network.ts";

/** Connections to elsewhere, over TCP or TLS. */
export class DenoDialer implements Dialer {
  async connect(address: Address, timeoutMs: number, trustedFile: string | null = null): Promise<Socket> {
    const trusted = trustedFile === null ? null : await new DenoFiles().read(trustedFile);
    // Not AbortSignal.timeout(): the signal closes the connection also once it is made.
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    const failed = (reason: string, cause: unknown): KliteError => {
      const what = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : reason;
      return new KliteError("CONNECTION_CLOSED", `${formatAddress(address)}: ${what}`, {
        retriable: true,
        cause,
      });
    };
    try {
      const connection = await Deno.connect({
        hostname: address.host,
        port: address.port,
        signal: abort.signal,
      }).catch((cause) => {
        throw failed("nothing answers there", cause);
      });
      const plain = tcpConnection(connection);
      if (trusted === null) return new DenoSocket(plain);
      try {
        const tls = await shakeHands(
          connection,
          address.host,
          new TextDecoder().decode(trusted),
          abort.signal,
        );
        return new DenoSocket({ ...plain, connection: tls });
      } catch (cause) {
        throw failed(`no TLS handshake: ${cause instanceof Error ? cause.message : cause}`, cause);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

async function shakeHands(
  connection: Deno.TcpConn,
  hostname: string,
  trusted: string,
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  const tls = await Deno.startTls(connection, { hostname, caCerts: [trusted] });
  const close = () => tls.close();
  signal.addEventListener("abort", close);
  try {
    await tls.handshake();
    return tls;
  } catch (error) {
    if (!signal.aborted) close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}
