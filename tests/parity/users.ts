/** Who may log in to the brokers that scenarios are played to, where those have a listener for it. */
import { fileURLToPath } from "node:url";
import { authenticatePlain, authenticateScram } from "../support/sasl_client.ts";
import type { Greeting } from "./client.ts";

/** Passwords are as {@link passwordOf} says. */
export const USERS = ["alice", "bob", "carol", "dave"] as const;

/** The same users as klite takes them: `name:password` lines. */
export const USERS_FILE = fileURLToPath(new URL("secrets/users", import.meta.url));
/** The same with those who ask in the matrix of rights. */
export const REQUESTERS_FILE = fileURLToPath(new URL("secrets/requesters", import.meta.url));
/** The secret of delegation tokens, as klite takes it. */
export const TOKEN_SECRET_FILE = fileURLToPath(new URL("secrets/token_secret", import.meta.url));
/** The same as Kafka takes it. */
export const TOKEN_SECRET = "not-a-secret";

export function passwordOf(user: string): string {
  return `${user}-secret`;
}

/** Logs in as one of the users, with PLAIN. */
export function logIn(user: string): Greeting {
  return async (client) => {
    const { errorCode, errorMessage } = await authenticatePlain(client, user, passwordOf(user));
    if (errorCode !== 0) throw new Error(`${user} cannot log in: ${errorMessage}`);
  };
}

/** Logs in with a delegation token (KIP-48). */
export function logInWithToken({ id, hmac }: { readonly id: string; readonly hmac: Uint8Array }): Greeting {
  return async (client) => {
    const password = hmac.toBase64();
    const options = { mechanism: "SCRAM-SHA-256", user: id, password, isToken: true } as const;
    const { answer } = await authenticateScram(client, options);
    if (answer.errorCode !== 0) throw new Error(`the token is not taken: ${answer.errorMessage}`);
  };
}
