import { utf8 } from "../utf8.ts";

/** The first message of OAUTHBEARER (RFC 7628). */
export interface BearerMessage {
  /** Whom the client wants to be, if it says so; else empty. */
  readonly authorizationId: string;
  readonly token: string;
}

/** Tokens of this size are none that an identity provider makes. */
const BEARER_MESSAGE_BYTES_MAX = 64 * 1024;

/**
 * `n,[a=AUTHZID],` and pairs of `key=value`, each with a byte 1 behind it, as is all of it. Kafka's rules: one of them is
 * `auth=Bearer TOKEN`, the others (KIP-342) have names of letters and values that can be printed.
 */
export function parseBearer(bytes: Uint8Array): BearerMessage | { readonly problem: string } {
  const text = bytes.length > BEARER_MESSAGE_BYTES_MAX ? null : utf8(bytes);
  if (text === null) return { problem: "the message is not a text of OAUTHBEARER" };
  const [header = "", ...pairs] = text.split("\x01");
  const name = /^n,(?:a=((?:[^\0,=]|=2C|=3D)+))?,$/.exec(header);
  // Behind the last pair, and behind the byte that ends it all, is nothing.
  if (name === null || pairs.length < 2 || pairs.pop() !== "" || pairs.pop() !== "") {
    return { problem: "the message does not have the form of OAUTHBEARER" };
  }
  let auth: string | undefined;
  for (const pair of pairs) {
    const [, key, value] = /^([A-Za-z]+)=([\x21-\x7e \t\r\n]+)$/.exec(pair) ?? [];
    if (key === undefined) return { problem: "the message has an extension of no valid form" };
    if (key === "auth") auth = value;
  }
  if (auth === undefined) return { problem: "the message has no 'auth'" };
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(auth)?.[1];
  if (token === undefined) return { problem: "the message's 'auth' is no bearer token" };
  return { authorizationId: (name[1] ?? "").replaceAll("=2C", ",").replaceAll("=3D", "="), token };
}
