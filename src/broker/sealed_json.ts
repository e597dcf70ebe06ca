import { crc32c } from "../base/crc32c.ts";

/** The field that has the sum. */
const SUM = "crc32c";

/** Plain data as a line of JSON whose last field is the CRC-32C of the rest: small files that must not rot unnoticed. */
export function sealJson(value: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify({ ...value, [SUM]: sumOf(value) })}\n`);
}

/** What {@link openSealedJson} found. */
export interface SealedJson {
  /** Without the sum. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Whether it is just what was sealed. */
  readonly isWhole: boolean;
}

/** Reads what {@link sealJson} has written; `null` for anything but a JSON object. */
export function openSealedJson(bytes: Uint8Array): SealedJson | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof parsed !== "object" || parsed === null) return null;
    const { [SUM]: sum, ...value }: Readonly<Record<string, unknown>> = { ...parsed };
    return { value, isWhole: sum === sumOf(value) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function sumOf(value: Readonly<Record<string, unknown>>): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return crc32c(bytes, 0, bytes.length).toString(16).padStart(8, "0");
}
