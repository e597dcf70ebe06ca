const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Reads `67108864`, `64MiB` or `64MB`: whole bytes, or `null` for anything else. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text);
  const unitBytes = UNIT_BYTES[(match?.[2] ?? "-").toLowerCase()];
  if (unitBytes === undefined) return null;
  const bytes = Number(match?.[1]) * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `16 MiB` where that is exact, else plain bytes. */
export function formatByteSize(bytes: number): string {
  const units = [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const;
  for (const [name, unit] of units) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit} ${name}`;
  }
  return `${bytes} bytes`;
}
