/** Clients over TLS. */
import type { CertificateAuthority, Identity } from "./certificates.ts";
import { WireClient } from "./wire_client.ts";

/** How a client connects. */
export interface TlsClientOptions {
  /** Whom it trusts. */
  readonly authority: CertificateAuthority;
  /** What it shows of itself. */
  readonly identity?: Identity;
}

/** Connects to this machine. Whether the broker takes the certificate shows with the first request. */
export async function connectTls(
  port: number,
  { authority, identity }: TlsClientOptions,
): Promise<WireClient> {
  const connection = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [authority.certificate],
    ...(identity !== undefined && { cert: identity.certificate, key: identity.key }),
  });
  return new WireClient({
    // A broker that refuses a client says so by an alert, or ends the connection without the ceremony of TLS.
    read: (into) => connection.read(into).catch(endOrThrow),
    write: (bytes) => connection.write(bytes),
    close: () => connection.close(),
  });
}

function endOrThrow(error: unknown): null {
  if (error instanceof Deno.errors.UnexpectedEof || error instanceof Deno.errors.InvalidData) return null;
  throw error;
}

/** Whom the certificate names that clients are shown there. */
export async function shownSubject(port: number): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-showcerts"];
  const { stdout } = await new Deno.Command("openssl", { args, stdin: "null", stderr: "null" }).output();
  return /^subject=(.*)$/m.exec(new TextDecoder().decode(stdout))?.[1] ?? "";
}
