import { createServer, type Server } from "node:tls";
import type { TlsTexts } from "../network.ts";

/** Servers that are kept for later handshakes. */
const IDLE_MAX = 16;

/**
 * What makes TLS of the streams that it is handed as connections, and listens nowhere. A handshake has a server of its
 * own, since that is what tells whose handshake is done or has failed. To make one reads certificate and key, which
 * takes longer than the handshake: so one whose handshake went well is used again.
 */
export class TlsServers {
  readonly #texts: TlsTexts;
  readonly #asksForCertificates: boolean;
  readonly #idle: Server[] = [];

  constructor(texts: TlsTexts, options: { readonly asksForCertificates: boolean }) {
    this.#texts = texts;
    this.#asksForCertificates = options.asksForCertificates;
  }

  take(): Server {
    return this.#idle.pop() ?? this.#make();
  }

  /** Takes a server back that has nothing to say any more. */
  giveBack(server: Server): void {
    if (this.#idle.length === IDLE_MAX) return;
    server.removeAllListeners("secureConnection");
    server.removeAllListeners("tlsClientError");
    this.#idle.push(server);
  }

  #make(): Server {
    const { certificate, key, clientCa } = this.#texts;
    return createServer({
      cert: certificate,
      key,
      minVersion: "TLSv1.2",
      // None of its own: its timer keeps each failed handshake in memory, 30 KB, for two minutes.
      handshakeTimeout: -1,
      ...(this.#asksForCertificates && clientCa !== null && {
        ca: clientCa,
        requestCert: true,
        // Whoever takes the connection looks at the certificate, and can say what is wrong with it.
        rejectUnauthorized: false,
      }),
    });
  }
}
