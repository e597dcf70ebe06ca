/** Milliseconds per unit of Go's `time.ParseDuration`. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3, // micro sign
  "\u03bcs": 1e-3, // Greek mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/**
 * Reads a duration as Go programs write it: `200ms`, `24h0m0s`, `1.5h`, `-2s`;
 * a number without a unit only when it is `0`. Answers milliseconds, or `null`
 * for anything else.
 */
export function parseDuration(text: string): number | null {
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = text.replace(/^[+-]/, "");
  if (unsigned === "0") return 0;
  if (unsigned === "") return null;
  let totalMs = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < unsigned.length) {
    const part = PART.exec(unsigned);
    if (part === null) return null;
    totalMs += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? NaN);
  }
  return totalMs === 0 ? 0 : sign * totalMs;
}
