import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { KliteError } from "../../base/klite_error.ts";
import type { ClientAuth, TlsContext, TlsTexts } from "../network.ts";
import { TlsServers } from "./tls_server.ts";
import { VouchedCertificates } from "./vouched_certificates.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Texts that were checked: what is wrong with them is better said at the start than to each client. */
export class DenoTlsContext implements TlsContext {
  readonly subject: string;
  readonly expiresAtMs: number;
  /** For connections whose clients are asked for certificates, and for others. */
  readonly #asking: TlsServers;
  readonly #plain: TlsServers;
  /** The client authorities, by what tells them apart. */
  readonly authorities: ReadonlySet<string>;
  /** By those authorities. */
  readonly vouched: VouchedCertificates;

  /**
   * Certificates that were good `before` stay so if all authorities of then are among those of now.
   * @throws KliteError BAD_CONFIG.
   */
  constructor(texts: TlsTexts, before?: DenoTlsContext) {
    const [leaf, ...chain] = certificates(texts.certificate, "the certificate");
    checkKey(leaf, texts.key);
    if (chain[0] !== undefined && !leaf.checkIssued(chain[0])) {
      throw wrong("the second certificate of the chain has not issued the first");
    }
    const authorities = texts.clientCa === null ? [] : certificates(texts.clientCa, "the client authorities");
    this.#asking = new TlsServers(texts, { asksForCertificates: true });
    this.#plain = new TlsServers(texts, { asksForCertificates: false });
    this.authorities = new Set(authorities.map(({ fingerprint256 }) => fingerprint256));
    const areKept = before !== undefined && before.authorities.isSubsetOf(this.authorities);
    this.vouched = areKept ? before.vouched : new VouchedCertificates();
    this.subject = subjectParts(leaf).reverse().join(",");
    this.expiresAtMs = Date.parse(leaf.validTo);
  }

  servers(clientAuth: ClientAuth): TlsServers {
    return clientAuth === "none" ? this.#plain : this.#asking;
  }
}

/** In the certificate's own order; none where it names nobody but hosts, which the runtime's types do not know. */
export function subjectParts({ subject = "" }: { readonly subject?: string }): string[] {
  return subject.split("\n");
}

function certificates(pem: string, what: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...rest] = pem.match(CERTIFICATE) ?? [];
  if (first === undefined) throw wrong(`there is no certificate in ${what}`);
  try {
    return [new X509Certificate(first), ...rest.map((each) => new X509Certificate(each))];
  } catch (cause) {
    throw wrong(`what should be a certificate in ${what} cannot be read`, cause);
  }
}

function checkKey(leaf: X509Certificate, pem: string): void {
  if (pem.includes("ENCRYPTED")) throw wrong("the private key needs a passphrase; give it without one");
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Not as the cause: what it says may be of the key.
    throw wrong("the private key cannot be read");
  }
  if (!leaf.checkPrivateKey(key)) throw wrong("the private key is not that of the certificate");
}

function wrong(message: string, cause?: unknown): KliteError {
  return new KliteError("BAD_CONFIG", message, { cause });
}
