/** Shows what a run found out: a table of who read what for people, everything for programs. */
import { CODECS } from "./client.ts";
import type { Check, SuiteReport } from "./suite.ts";

/** The clients with their versions and limits, then for each writer how many codecs each reader read back. */
export function reportText(report: SuiteReport): string {
  const { checks, clients } = report;
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
      cell(checks, writer, null),
      ...readers.map((reader) => cell(checks, writer, reader)),
    ]);
  return [
    table([["client", "version", "wrote", "s", "read", "s", "what it cannot say or see"], ...about]),
    `Topics read back byte for byte, of ${CODECS.length} (${
      CODECS.join(", ")
    }); "log": written, with the right log ends`,
    table([["written by", "log", ...readers], ...matrix]),
    ...checks.filter(({ failure }) => failure !== null).map(failureText),
    closingLine(report),
  ].join("\n\n");
}

/** The same as one JSON document. */
export function reportJson(report: SuiteReport): string {
  return JSON.stringify({ ...report, passed: count(report, true), failed: count(report, false) }, null, 2);
}

/** `N passed, N failed`. */
export function closingLine(report: SuiteReport): string {
  return `${count(report, true)} passed, ${count(report, false)} failed`;
}

/** Whether everything that was checked was right, and anything was checked at all. */
export function isSuccess(report: SuiteReport): boolean {
  return report.checks.length > 0 && count(report, false) === 0;
}

function count({ checks }: SuiteReport, passed: boolean): number {
  return checks.filter(({ failure }) => (failure === null) === passed).length;
}

function recordsOf(checks: readonly Check[], which: (check: Check) => boolean): number {
  return checks.filter((check) => check.failure === null && which(check))
    .reduce((sum, { records }) => sum + records, 0);
}

function cell(checks: readonly Check[], writer: string, reader: string | null): string {
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
