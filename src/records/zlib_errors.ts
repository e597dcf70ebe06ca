import type { CompressionFault } from "./compression.ts";

/** Runs a decoder of `node:zlib`, whose errors are told apart by code: output too large, or bad input. */
export function runZlib(expand: () => Uint8Array): Uint8Array | CompressionFault {
  try {
    return expand();
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? "too large" : "corrupt";
  }
}
