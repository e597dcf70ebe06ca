import { createServer, type TLSSocket } from "node:tls";
import type { Address, ClientAuth, PeerCertificate } from "../network.ts";
import type { TcpConnection } from "./network.ts";
import { TcpStream } from "./tcp_stream.ts";
import type { DenoTlsContext } from "./tls_context.ts";
import { DenoTlsSocket } from "./tls_socket.ts";

/** How long a client may take: TLS needs two round trips at most. */
const DEADLINE_MS = 10_000;

/** What becomes of a handshake; exactly one of these is called, once. */
export interface HandshakeOutcomes {
  done(socket: DenoTlsSocket): void;
  /** The connection is closed. `reason` is for the operator. */
  failed(reason: string): void;
}

/** One TLS handshake under way. */
export class Handshake {
  readonly remote: Address;
  readonly #stream: TcpStream;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outcomes: HandshakeOutcomes;
  #isOver = false;

  constructor(
    { connection, remote, local }: TcpConnection,
    context: DenoTlsContext,
    clientAuth: ClientAuth,
    outcomes: HandshakeOutcomes,
  ) {
    this.remote = remote;
    this.#outcomes = outcomes;
    this.#stream = new TcpStream(connection);
    this.#stream.on("error", (error) => this.#fail(error.message));
    this.#stream.on("close", () => this.#fail("the client has hung up"));
    this.#timer = setTimeout(() => this.#fail(`it was not done within ${DEADLINE_MS} ms`), DEADLINE_MS);

    const { certificate, key, clientCa } = context.texts;
    // A server of its own for each connection, since that is what tells whose handshake is done or has failed.
    const server = createServer({
      cert: certificate,
      key,
      minVersion: "TLSv1.2",
      ...(clientAuth !== "none" && clientCa !== null && {
        ca: clientCa,
        requestCert: true,
        rejectUnauthorized: clientAuth === "required",
      }),
    });
    server.on("secureConnection", (tls) => {
      const peer = clientAuth === "none" ? null : peerOf(tls);
      if (peer !== null && !tls.authorized) {
        this.#fail(`the client's certificate is refused: ${tls.authorizationError}`);
      } else if (peer === null && clientAuth === "required") this.#fail("the client shows no certificate");
      else this.#succeed(new DenoTlsSocket(tls, { remote, local, peer }));
    });
    server.on("tlsClientError", (error) => this.#fail(error.message));
    server.emit("connection", this.#stream);
  }

  /** Others need its place. */
  giveUp(reason: string): void {
    this.#fail(reason);
  }

  #succeed(socket: DenoTlsSocket): void {
    if (this.#isOver) return socket.close();
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#outcomes.done(socket);
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stream.destroy();
    this.#outcomes.failed(reason);
  }
}

function peerOf(tls: TLSSocket): PeerCertificate | null {
  const { raw } = tls.getPeerCertificate();
  return raw === undefined ? null : { der: raw };
}
