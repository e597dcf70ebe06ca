/** Certificate authorities of the tests, and what they sign: X.509 certificates for servers and clients, as PEM. */
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { join } from "node:path";

const KEYS = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const USAGES = { server: ExtendedKeyUsage.serverAuth, client: ExtendedKeyUsage.clientAuth } as const;

/** A certificate and its key, as PEM. */
export interface Identity {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** The distinguished name in the certificate's own order, such as `O=klite,CN=alice`: RFC 2253 reads it backwards. */
  readonly subject: string;
  /** What its holder may be; the other side checks it. */
  readonly use: "server" | "client";
  /** From `[0]` until before `[1]`, in milliseconds from now. Default: from yesterday until tomorrow. */
  readonly validMs?: readonly [fromMs: number, untilMs: number];
}

/** An authority with a key that nobody else has. */
export class CertificateAuthority {
  /** Its own certificate, as PEM: what those who trust it are given. */
  readonly certificate: string;
  readonly #certificate: X509Certificate;
  readonly #key: CryptoKey;

  private constructor(certificate: X509Certificate, key: CryptoKey) {
    this.certificate = `${certificate.toString("pem")}\n`;
    this.#certificate = certificate;
    this.#key = key;
  }

  static async create(name = "klite tests"): Promise<CertificateAuthority> {
    const { publicKey, privateKey } = await newKeys();
    const subject = `CN=${name}`;
    const certificate = await X509CertificateGenerator.create({
      ...{ serialNumber: serialNumber(), subject, issuer: subject, publicKey, signingKey: privateKey },
      ...validity([-DAY_MS, DAY_MS]),
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(publicKey),
      ],
    });
    return new CertificateAuthority(certificate, privateKey);
  }

  /** A certificate for this machine or for a client, with a new key. */
  async issue({ subject, use, validMs = [-DAY_MS, DAY_MS] }: CertificateOptions): Promise<Identity> {
    const { publicKey, privateKey } = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...{ serialNumber: serialNumber(), subject, issuer: this.#certificate.subject },
      ...{ publicKey, signingKey: this.#key, signingAlgorithm: SIGNING },
      ...validity(validMs),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([USAGES[use]]),
        await SubjectKeyIdentifierExtension.create(publicKey),
        await AuthorityKeyIdentifierExtension.create(this.#certificate),
        ...(use === "client" ? [] : [
          new SubjectAlternativeNameExtension([
            { type: "dns", value: "localhost" },
            { type: "ip", value: "127.0.0.1" },
          ]),
        ]),
      ],
    });
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", privateKey);
    return {
      certificate: `${certificate.toString("pem")}\n`,
      key: `${PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    };
  }
}

/** Where {@link writeIdentity} has put the files. */
export interface IdentityFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Writes `NAME.pem` and `NAME.key` into the folder, the key for its owner alone. */
export async function writeIdentity(
  folder: string,
  name: string,
  identity: Identity,
): Promise<IdentityFiles> {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  await Deno.writeTextFile(files.certificate, identity.certificate);
  await Deno.writeTextFile(files.key, identity.key, { mode: 0o600 });
  return files;
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEYS, true, ["sign", "verify"]);
}

function validity([fromMs, untilMs]: readonly [number, number]): { notBefore: Date; notAfter: Date } {
  const nowMs = Date.now();
  return { notBefore: new Date(nowMs + fromMs), notAfter: new Date(nowMs + untilMs) };
}

/** A positive number of 16 bytes, in hexadecimal. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = 0x40 | (0x3f & (bytes[0] ?? 0));
  return bytes.toHex();
}
