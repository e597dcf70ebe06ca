import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { Address, ClientAuth, PeerCertificate } from "../network.ts";
import type { TcpConnection } from "./network.ts";
import { TcpStream } from "./tcp_stream.ts";
import { type DenoTlsContext, subjectParts } from "./tls_context.ts";
import { DenoTlsSocket } from "./tls_socket.ts";
import type { VouchedCertificates } from "./vouched_certificates.ts";

/** How long a client may take: TLS needs two round trips at most. */
const DEADLINE_MS = 10_000;

/** As much is said of a subject that nobody vouches for. */
const SUBJECT_CHARACTERS = 200;

/** How long a client that is refused has to read so. */
const REFUSAL_MS = 1000;
/** TLS 1.2: the fatal alert certificate_unknown. It goes before the end of the handshake, and so in the clear. */
const REFUSAL = Uint8Array.of(21, 3, 3, 0, 2, 2, 46);
/**
 * TLS 1.3: a change of ciphers, as if from the client. It has no sense when the handshake is done, and makes the
 * runtime send what it has no other way to send: an alert, encrypted (unexpected_message).
 */
const SENSELESS = Uint8Array.of(20, 3, 3, 0, 1, 1);

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
  #timer: ReturnType<typeof setTimeout>;
  readonly #outcomes: HandshakeOutcomes;
  /** Why the client is refused, once it is told so. */
  #refusal: string | null = null;
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
    for (const event of ["end", "close"]) {
      this.#stream.on(event, () => this.#fail("the client has hung up"));
    }
    this.#timer = setTimeout(() => this.#fail(`it was not done within ${DEADLINE_MS} ms`), DEADLINE_MS);

    // Whoever only connects costs no more than that.
    this.#stream.onBegin(() => {
      if (this.#isOver) return;
      const servers = context.servers(clientAuth);
      const server = servers.take();
      server.on("secureConnection", (tls) => {
        const shown = clientAuth === "none" ? { peer: null } : shownBy(tls, clientAuth, context.vouched);
        if ("fault" in shown) return this.#refuse(tls, shown.fault);
        servers.giveBack(server);
        this.#succeed(new DenoTlsSocket(tls, this.#stream, { remote, local, ...shown }));
      });
      server.on("tlsClientError", (error) => this.#fail(error.message));
      server.emit("connection", this.#stream);
    });
  }

  /** Whether the client has sent nothing yet. */
  get isSilent(): boolean {
    return this.#stream.isSilent;
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

  /**
   * The runtime's TLS can only hang up on a client whose certificate is refused, which clients take for a broker that is
   * away, and try again for as long as they have time. An alert is an error to them.
   */
  #refuse(tls: TLSSocket, reason: string): void {
    if (this.#isOver) return;
    this.#refusal = reason;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(reason), REFUSAL_MS);
    // What the client has sent already would make a reset of the end, and that could overtake the alert.
    tls.resume();
    if (tls.getProtocol() === "TLSv1.2") {
      tls.on("error", (error) => this.#fail(error.message));
      this.#stream.end(REFUSAL);
    } else {
      tls.on("error", () => tls.end(() => this.#stream.end()));
      this.#stream.push(SENSELESS);
    }
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#stream.destroy();
    this.#outcomes.failed(this.#refusal ?? reason);
  }
}

/** Whom a client shows itself to be, or why it is refused. Certificates are what strangers have made: any may be beyond reading. */
function shownBy(
  tls: TLSSocket,
  clientAuth: ClientAuth,
  vouched: VouchedCertificates,
): { readonly peer: PeerCertificate | null } | { readonly fault: string } {
  try {
    const { raw } = tls.getPeerCertificate();
    const peer = raw === undefined ? null : { der: raw };
    const fault = certificateFault(tls, peer, clientAuth, vouched);
    return fault === null ? { peer } : { fault };
  } catch (error) {
    return { fault: `the client's certificate cannot be read: ${error}` };
  }
}

/** Why a connection cannot be taken for the certificate that its client shows, or does not. */
function certificateFault(
  tls: TLSSocket,
  peer: PeerCertificate | null,
  clientAuth: ClientAuth,
  vouched: VouchedCertificates,
): string | null {
  if (peer === null) return clientAuth === "required" ? "the client shows no certificate" : null;
  const isOfBefore = tls.isSessionReused();
  if (tls.authorized && !isOfBefore) {
    vouched.add(peer.der);
    return null;
  }
  const certificate = new X509Certificate(peer.der);
  const { validFrom, validTo } = certificate;
  const nowMs = Date.now();
  const isExpired = Date.parse(validTo) < nowMs;
  if (isOfBefore && tls.authorized && !isExpired && vouched.has(peer.der)) return null;
  const why = isExpired
    ? `it expired on ${validTo}`
    : Date.parse(validFrom) > nowMs
    ? `it is not valid before ${validFrom}`
    : isOfBefore
    ? "it was not found good in the session that the client takes up again"
    : `it is not of an authority that is trusted, or not made for clients (${tls.authorizationError})`;
  return `the client's certificate is refused: ${why}; its subject is ${
    subjectParts(certificate).join(",").slice(0, SUBJECT_CHARACTERS)
  }`;
}
