import { AssertionError } from "../../base/assert.ts";
import { KliteError, type KliteErrorCode } from "../../base/klite_error.ts";

/** From the page that asks to the Worker. The first one is `open`, the last one `close`. */
export type Request =
  | { readonly kind: "open"; readonly config: unknown }
  | { readonly kind: "call"; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: "close"; readonly id: number };

/** From the Worker. */
export type Response =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: Failure };

/** An error in a form that crosses threads. */
export type Failure =
  | {
    readonly kind: "klite";
    readonly code: KliteErrorCode;
    readonly retriable: boolean;
    readonly message: string;
    readonly stack: string;
  }
  | { readonly kind: "assertion" | "other"; readonly message: string; readonly stack: string };

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: "other", message: String(error), stack: "" };
  const { message, stack = "" } = error;
  if (error instanceof KliteError) {
    const { code, retriable } = error;
    return { kind: "klite", code, retriable, message, stack };
  }
  return { kind: error instanceof AssertionError ? "assertion" : "other", message, stack };
}

/** The error again. What it says of where it was thrown is the other thread's. */
export function errorOf(failure: Failure): Error {
  const error = emptyErrorOf(failure);
  error.stack = failure.stack;
  return error;
}

function emptyErrorOf(failure: Failure): Error {
  const { kind, message } = failure;
  if (kind === "klite") return new KliteError(failure.code, message, { retriable: failure.retriable });
  return kind === "assertion" ? new AssertionError(message) : new Error(message);
}
