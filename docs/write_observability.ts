/**
 * Puts the metrics into observability.md, between their marks, from the tables that they are made of. `deno task docs`
 * runs it; a test says when it is due.
 */
import type { Metric } from "../src/console/metrics/metric.ts";
import { METRICS } from "../src/console/metrics/table.ts";

const PAGE = new URL("observability.md", import.meta.url);
const BEGIN = "<!-- metrics, from the program: deno task docs -->";
const END = "<!-- end of the metrics -->";

/** The page with its metrics as the program has them now. */
export function withCurrentMetrics(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) return page;
  const sections = Object.entries(METRICS).map(([heading, metrics]) => {
    return `### ${heading}\n\n| metric | kind | what it tells |\n|---|---|---|\n${
      metrics.map(rowOf).join("\n")
    }\n`;
  });
  return `${page.slice(0, from + BEGIN.length)}\n\n${sections.join("\n")}\n${page.slice(to)}`;
}

function rowOf({ name, type, help }: Metric): string {
  return `| \`${name}\` | ${type} | ${help.replaceAll("|", "\\|")} |`;
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, withCurrentMetrics(Deno.readTextFileSync(PAGE)));
