/** Shows what a run found out: tables of who passed what for people, everything for programs. */
import type { Outcome, OutcomeReport } from "./outcome.ts";
import { CODECS } from "./records/client.ts";
import type { Check, SuiteReport } from "./records/suite.ts";

/** What all suites of a run found out. */
export interface FullReport {
  /** Null when that suite was not run. */
  readonly records: SuiteReport | null;
  readonly others: readonly OutcomeReport[];
}

/** For the record suite a table of who read back what, for the others one of subjects and checks. */
export function reportText(report: FullReport): string {
  return [
    ...(report.records === null ? [] : recordsText(report.records)),
    ...report.others.flatMap(outcomesText),
    closingLine(report),
  ].join("\n\n");
}

/** The same as one JSON document. */
export function reportJson(report: FullReport): string {
  const { records, others } = report;
  const shown = others.map(({ notes, ...rest }) => ({ ...rest, notes: Object.fromEntries(notes) }));
  return JSON.stringify(
    { ...records, others: shown, passed: count(report, true), failed: count(report, false) },
    null,
    2,
  );
}

/** `N passed, N failed`. */
export function closingLine(report: FullReport): string {
  return `${count(report, true)} passed, ${count(report, false)} failed`;
}

/** Whether everything that was checked was right, and anything was checked at all. */
export function isSuccess(report: FullReport): boolean {
  return count(report, true) > 0 && count(report, false) === 0;
}

function count({ records, others }: FullReport, passed: boolean): number {
  const all = [...records?.checks ?? [], ...others.flatMap(({ outcomes }) => outcomes)];
  return all.filter(({ failure }) => (failure === null) === passed).length;
}

function outcomesText({ title, outcomes, notes }: OutcomeReport): string[] {
  const checks = [...new Set(outcomes.map(({ check }) => check))];
  const rows = [...Map.groupBy(outcomes, ({ subject }) => subject)].map(([subject, found]) => [
    subject,
    found[0]?.version ?? "?",
    notes.get(subject) ?? "",
    ...checks.map((check) => outcomeCell(found.filter((outcome) => outcome.check === check))),
  ]);
  const legend = checks.map((check, index) => `${index + 1} ${check}`).join("; ");
  const head = ["what", "version", "", ...checks.map((_, index) => String(index + 1))];
  const failures = outcomes.flatMap(({ subject, check, failure }) =>
    failure === null ? [] : [`FAILED ${subject}: ${check}: ${failure}`]
  );
  return [`${title}\n${legend}`, table([head, ...rows]), ...failures];
}

function outcomeCell(found: readonly Outcome[]): string {
  if (found.length === 0) return "-";
  return found.every(({ failure }) => failure === null) ? "ok" : "FAILED";
}

function recordsText({ checks, clients }: SuiteReport): string[] {
  const about = clients.map(({ name, version, limits, writeMs, readMs }) => [
    name,
    version,
    String(recordsOf(checks, (check) => check.writer === name && check.reader === null)),
    (writeMs / 1000).toFixed(1),
    String(recordsOf(checks, (check) => check.reader === name)),
    (readMs / 1000).toFixed(1),
    limits,
  ]);
  const readers = clients.map(({ name }) => name).filter((name) =>
    checks.some(({ reader }) => reader === name)
  );
  const matrix = clients.map(({ name }) => name)
    .filter((name) => checks.some(({ writer }) => writer === name))
    .map((writer) => [
      writer,
      recordCell(checks, writer, null),
      ...readers.map((reader) => recordCell(checks, writer, reader)),
    ]);
  return [
    table([["client", "version", "wrote", "s", "read", "s", "what it cannot say or see"], ...about]),
    `Topics read back byte for byte, of ${CODECS.length} (${
      CODECS.join(", ")
    }); "log": written, with the right log ends`,
    table([["written by", "log", ...readers], ...matrix]),
    ...checks.filter(({ failure }) => failure !== null).map(failureText),
  ];
}

function recordsOf(checks: readonly Check[], which: (check: Check) => boolean): number {
  return checks.filter((check) => check.failure === null && which(check))
    .reduce((sum, { records }) => sum + records, 0);
}

function recordCell(checks: readonly Check[], writer: string, reader: string | null): string {
  const found = checks.filter((check) => check.writer === writer && check.reader === reader);
  if (found.length === 0) return "-";
  return `${found.filter(({ failure }) => failure === null).length}/${found.length}`;
}

function failureText({ writer, reader, codec, failure }: Check): string {
  const what = reader === null ? `${writer} writes ${codec}` : `${reader} reads ${codec} of ${writer}`;
  return `FAILED ${what}: ${failure}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((text, i) => widths[i] = Math.max(widths[i] ?? 0, text.length));
  return rows.map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  ").trimEnd()).join("\n");
}
