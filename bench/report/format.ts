/** Numbers as people read them, and tables of text. */
import type { Spread } from "../measure/statistics.ts";

/** Three significant digits below a thousand, thousands separated above. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const magnitude = Math.abs(value);
  if (magnitude >= 999.5) return Math.round(value).toLocaleString("en-US");
  const decimals = magnitude >= 99.95 || magnitude === 0 ? 0 : magnitude >= 9.995 ? 1 : 2;
  return value.toFixed(decimals);
}

/** The median, with the range behind it when there is more than one value. */
export function formatSpread(figure: Spread | null): string {
  if (figure === null) return "–";
  if (figure.min === figure.max) return formatNumber(figure.median);
  return `${formatNumber(figure.median)} [${formatNumber(figure.min)}–${formatNumber(figure.max)}]`;
}

/** A spread of bytes in millions. */
export function formatMegabytes(figure: Spread | null): string {
  if (figure === null) return "–";
  return formatNumber(figure.median / 1_000_000);
}

/** A factor such as `1.42×`. */
export function formatFactor(factor: number): string {
  return `${formatNumber(factor)}×`;
}

/** A share between 0 and 1 as whole percents. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The start of a failure's text, which may go on with a broker's whole log, on one line. */
export function briefFailure(text: string): string {
  const [first = "", second = ""] = text.split("\n").map((line) => line.trim());
  return `${first} ${second}`.trim().slice(0, 200);
}

/** Columns padded to their widest cell: the first to the left, all others to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      return column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
    });
    return `  ${cells.join("  ")}`.trimEnd();
  });
  return lines.join("\n");
}

/** The same as a Markdown table; the first row is its head. Columns but the first are set right unless they are text. */
export function markdownTable(
  [head, ...rows]: readonly (readonly string[])[],
  { textColumns = [0] }: { readonly textColumns?: readonly number[] } = {},
): string {
  if (head === undefined) return "";
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, column) => textColumns.includes(column) ? "---" : "--:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
