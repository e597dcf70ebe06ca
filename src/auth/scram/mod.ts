/**
 * SCRAM (RFC 5802, RFC 7677): what is kept of passwords, and the broker's side of an exchange.
 *
 * A door of its own for those who make users and authenticate nobody: `../mod.ts` is there from the program's first
 * moment. What is kept (`keys.ts`) checks who knows a password and is of no use to log in with. As in Kafka a password
 * is its UTF-8 bytes, and a credential has at least 4096 iterations.
 */
export { type ScramKeys, scramKeys } from "./keys.ts";
