import { utf8 } from "../utf8.ts";

/** A message of PLAIN (RFC 4616): `[authorization id] NUL user NUL password`. */
export interface PlainMessage {
  readonly authorizationId: string;
  readonly user: string;
  readonly password: string;
}

/** Longest names and passwords: the work for a message is bounded. */
const PLAIN_MESSAGE_BYTES_MAX = 16 * 1024;

/** The parts of a message, or what it lacks, in Kafka's order. */
export function parsePlain(bytes: Uint8Array): PlainMessage | { readonly problem: string } {
  const text = bytes.length > PLAIN_MESSAGE_BYTES_MAX ? null : utf8(bytes);
  if (text === null) return { problem: "the message is not a text of PLAIN" };
  const [authorizationId = "", user = "", password = "", ...more] = text.split("\0");
  if (more.length > 0 || !text.includes("\0")) return { problem: "the message does not have three parts" };
  if (user === "") return { problem: "the message has no user name" };
  if (password === "") return { problem: "the message has no password" };
  return { authorizationId, user, password };
}
