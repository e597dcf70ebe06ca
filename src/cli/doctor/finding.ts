/** What came of one check. Only what is `wrong` makes `klite doctor` end with 10. */
export type FindingStatus = "ok" | "warning" | "wrong" | "skipped";

/** One check, what it found, and what can be done about it. */
export interface Finding {
  readonly check: string;
  readonly status: FindingStatus;
  readonly message: string;
  /** Empty where there is nothing to do. */
  readonly advice: string;
}

export function ok(check: string, message: string): Finding {
  return { check, status: "ok", message, advice: "" };
}

export function skipped(check: string, message: string): Finding {
  return { check, status: "skipped", message, advice: "" };
}

export function warning(check: string, message: string, advice: string): Finding {
  return { check, status: "warning", message, advice };
}

export function wrong(check: string, message: string, advice: string): Finding {
  return { check, status: "wrong", message, advice };
}
