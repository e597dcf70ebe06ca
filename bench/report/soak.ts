/** What `deno task soak` found, for the performance page. */

/** As its last line of JSON tells it. */
export interface SoakOutcome {
  readonly minutes: number;
  /** Written, read and compared. */
  readonly records: number;
  /** Resident memory over the second half. */
  readonly medianBytes: number;
  readonly peakBytes: number;
  /** By how much memory grew over the second half; may be below 0. */
  readonly grownBytes: number;
  /** Whether that counts as no growth. */
  readonly isSteady: boolean;
}

/** Reads what the soak task printed: the outcome is the last line. Throws when there is none. */
export function parseSoak(output: string): SoakOutcome {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) {
    throw new Error("that is not what the soak task prints: its last line is no JSON");
  }
  const { minutes, records, medianBytes, peakBytes, grownBytes, isSteady }: SoakOutcome = JSON.parse(line);
  return { minutes, records, medianBytes, peakBytes, grownBytes, isSteady };
}
