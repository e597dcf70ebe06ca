import { duplexPair } from "node:stream";
import { connect } from "node:tls";
import { KliteError } from "../../base/klite_error.ts";
import type { DenoTlsContext } from "./tls_context.ts";

/**
 * Makes a handshake with itself: keys of a kind that the runtime's TLS does not have are found out by nothing else, but
 * by each client.
 * @throws KliteError BAD_CONFIG.
 */
export async function tryHandshake(context: DenoTlsContext): Promise<void> {
  try {
    await shakeHands(context);
  } catch (cause) {
    throw new KliteError("BAD_CONFIG", `no client can connect with this certificate and key: ${cause}`, {
      cause,
    });
  }
}

async function shakeHands(context: DenoTlsContext): Promise<void> {
  const server = context.servers("requested").take();
  const [near, far] = duplexPair();
  const outcome = Promise.withResolvers<void>();
  server.on("secureConnection", () => outcome.resolve());
  server.on("tlsClientError", (error) => outcome.reject(error));
  server.emit("connection", far);
  // Whether others trust it, and for which names, is not asked here.
  const client = connect({ socket: near, rejectUnauthorized: false });
  client.on("error", (error) => outcome.reject(error));
  try {
    await outcome.promise;
  } finally {
    client.destroy();
    near.destroy();
    far.destroy();
  }
}
