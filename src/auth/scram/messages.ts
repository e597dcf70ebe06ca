import { utf8 } from "../utf8.ts";

/** The client's first message, in its parts. */
export interface ClientFirst {
  /** What the client knows of channel binding, and whom it wants to be: `n,,` as a rule. */
  readonly gs2Header: string;
  /** Whom it wants to be, if that is said; else empty. */
  readonly authorizationId: string;
  readonly user: string;
  readonly nonce: string;
  /** Whether the user is the id of a delegation token (KIP-48). */
  readonly isToken: boolean;
  /** All behind the header, as it goes into the proof. */
  readonly bare: string;
}

/** The client's last message, in its parts. */
export interface ClientFinal {
  readonly nonce: string;
  readonly proof: Uint8Array<ArrayBuffer>;
  /** All before the proof, as it goes into it. */
  readonly withoutProof: string;
}

/** What a message lacks. */
export interface Malformed {
  readonly problem: string;
}

/** Names and nonces are short: there is no honest message of that size. */
export const SCRAM_MESSAGE_BYTES_MAX = 16 * 1024;

/** `n,[a=AUTHZID],n=USER,r=NONCE[,extensions]` */
export function parseClientFirst(bytes: Uint8Array): ClientFirst | Malformed {
  const text = messageText(bytes);
  if (text === null) return { problem: "the first message is not a text of SCRAM" };
  const [binding = "", authorization = "", name = "", nonce = "", ...extensions] = text.split(",");
  if (binding.startsWith("p=")) return { problem: "channel binding is not supported" };
  if (binding !== "n" && binding !== "y") return { problem: "the first message has no GS2 header" };
  const authorizationId = authorization === "" ? "" : nameIn(authorization, "a=");
  const user = nameIn(name, "n=");
  if (authorizationId === null || user === null) {
    return { problem: "the first message has no valid user name" };
  }
  if (!/^r=[\x21-\x7e]+$/.test(nonce)) return { problem: "the first message has no valid nonce" };
  if (!extensions.every(isExtension)) {
    return { problem: "the first message has an extension of no valid form" };
  }
  const gs2Header = `${binding},${authorization},`;
  return {
    gs2Header,
    authorizationId,
    user,
    nonce: nonce.slice(2),
    isToken: extensions.some((each) => each.toLowerCase() === "tokenauth=true"),
    bare: text.slice(gs2Header.length),
  };
}

/** `c=GS2HEADER,r=NONCE[,extensions],p=PROOF`, with what the first message said and a proof of that many bytes. */
export function parseClientFinal(
  bytes: Uint8Array,
  { gs2Header, proofBytes }: { readonly gs2Header: string; readonly proofBytes: number },
): ClientFinal | Malformed {
  const text = messageText(bytes);
  if (text === null) return { problem: "the last message is not a text of SCRAM" };
  const [binding, nonce = "", ...rest] = text.split(",");
  const proofPart = rest.pop() ?? "";
  if (binding !== `c=${new TextEncoder().encode(gs2Header).toBase64()}`) {
    return { problem: "the last message has another GS2 header than the first" };
  }
  if (!/^r=[\x21-\x7e]+$/.test(nonce)) return { problem: "the last message has no valid nonce" };
  if (!rest.every(isExtension)) return { problem: "the last message has an extension of no valid form" };
  const proof = proofPart.startsWith("p=") ? proofIn(proofPart.slice(2), proofBytes) : null;
  if (proof === null) return { problem: "the last message has no valid proof" };
  return { nonce: nonce.slice(2), proof, withoutProof: text.slice(0, text.length - proofPart.length - 1) };
}

function messageText(bytes: Uint8Array): string | null {
  const text = bytes.length > SCRAM_MESSAGE_BYTES_MAX ? null : utf8(bytes);
  return text === null || text.includes("\0") ? null : text;
}

/** The name behind `prefix`, in which `=2C` and `=3D` stand for `,` and `=`. */
function nameIn(part: string, prefix: string): string | null {
  const name = part.slice(prefix.length);
  if (!part.startsWith(prefix) || name === "" || /=(?!2C|3D)/.test(name)) return null;
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

/** The proof, unless `text` is not exactly the Base64 of so many bytes. */
function proofIn(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (text.length !== Math.ceil(length / 3) * 4 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const proof = new Uint8Array(length);
  const { written } = proof.setFromBase64(text);
  return written === length && proof.toBase64() === text ? proof : null;
}

/** `m=` demands what nobody has defined (RFC 5802). */
function isExtension(part: string): boolean {
  return /^[A-Za-z]+=./s.test(part) && !part.startsWith("m=");
}
