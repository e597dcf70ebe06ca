import { ErrorCode } from "../../base/error_codes.ts";
import { KliteError } from "../../base/klite_error.ts";

const NAMES = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

/** Kafka's name for an error code. */
export function errorName(code: number): string {
  return NAMES.get(code) ?? `error ${code}`;
}

/** @throws KliteError when a broker's answer is an error; `what` was asked for. */
export function refuseError(what: string, code: number, message: string | null = null): void {
  if (code === ErrorCode.NONE) return;
  const words = message === null || message === "" ? "" : `: ${message}`;
  throw new KliteError("NOT_FOUND", `${what}: the broker answers ${errorName(code)}${words}`);
}
