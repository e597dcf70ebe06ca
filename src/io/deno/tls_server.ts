import { createServer, type Server } from "node:tls";
import type { ClientAuth } from "../network.ts";
import type { DenoTlsContext } from "./tls_context.ts";

/** What makes TLS of the streams that it is handed as connections; it listens nowhere. */
export function tlsServer(context: DenoTlsContext, clientAuth: ClientAuth): Server {
  const { certificate, key, clientCa } = context.texts;
  return createServer({
    cert: certificate,
    key,
    minVersion: "TLSv1.2",
    // None of its own: its timer keeps each failed handshake in memory, 30 KB, for two minutes.
    handshakeTimeout: -1,
    ...(clientAuth !== "none" && clientCa !== null && {
      ca: clientCa,
      requestCert: true,
      // Whoever takes the connection looks at the certificate, and can say what is wrong with it.
      rejectUnauthorized: false,
    }),
  });
}
