import { KliteError } from "../../base/klite_error.ts";

/** Codes of the system that mean "no room", for the disk or for a quota on it. */
const FULL_CODES = new Set(["ENOSPC", "EDQUOT"]);

/** What the system said, as an error for the operator. */
export function edgeError(error: unknown, verb: string, full: string): KliteError {
  if (error instanceof KliteError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `cannot ${verb} ${full}: ${reason}`;
  if (FULL_CODES.has(systemCode(error))) {
    return new KliteError("DISK_FULL", message, { retriable: true, cause: error });
  }
  if (error instanceof Deno.errors.NotFound) return new KliteError("NOT_FOUND", message, { cause: error });
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new KliteError("PERMISSION_DENIED", message, { cause: error });
  }
  return new KliteError("DISK_FAILED", message, { cause: error });
}

/** `ENOENT` and the like; empty when there is none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
