import { utf8 } from "../utf8.ts";

/** A message of PLAIN (RFC 4616): `[authorization id] NUL user NUL password`. */
export interface PlainMessage {
  readonly authorizationId: string;
  readonly user: string;
  readonly password: string;
}

/** Longest names and passwords: the work for a message is bounded. */
const PLAIN_MESSAGE_BYTES_MAX = 16 * 1024;

/** The parts of a message, or what it lacks, in Kafka's order and words. */
export function parsePlain(bytes: Uint8Array): PlainMessage | { readonly problem: string } {
  const text = bytes.length > PLAIN_MESSAGE_BYTES_MAX ? null : utf8(bytes);
  if (text === null) return { problem: "Invalid SASL/PLAIN response: not a text that is read" };
  // More than four are not counted.
  const parts = text.split("\0", 4);
  if (parts.length !== 3) {
    return { problem: `Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}` };
  }
  const [authorizationId = "", user = "", password = ""] = parts;
  if (user === "") return { problem: "Authentication failed: username not specified" };
  if (password === "") return { problem: "Authentication failed: password not specified" };
  return { authorizationId, user, password };
}
