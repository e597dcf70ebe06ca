/** A profile as tables for a terminal. */
import { formatNumber, formatPercent, textTable } from "../report/format.ts";
import type { RunFigures } from "../report/model.ts";
import type { TakenProfile } from "./model.ts";
import { GARBAGE_COLLECTOR, IDLE, NATIVE, RUNTIME } from "./places.ts";
import { allocationShares, amountOf, cpuShares, type Shares, total } from "./shares.ts";

const MEGABYTE = 1_000_000;
const FUNCTIONS_SHOWN = 30;
const LINES_SHOWN = 20;

/** Where the main thread's time went, what the other threads took, and what a megabyte and a request cost. */
export function cpuText({ cpu, threads }: TakenProfile, figures: RunFigures): string {
  if (cpu === null) return "";
  const { byPlace, byFunction, byLine } = cpuShares(cpu);
  const busy = byFunction.filter(([name]) => name !== IDLE);
  const all = total(byPlace);
  const busyMicros = all - amountOf(byPlace, IDLE);
  const share = (place: string) => formatPercent(amountOf(byPlace, place) / busyMicros);
  const summary = `main thread: ${formatPercent(busyMicros / all)} busy; of that ` +
    `${share(GARBAGE_COLLECTOR)} garbage collection, ${share(NATIVE)} system calls and native code, ` +
    `${share(RUNTIME)} the runtime's JavaScript`;
  const per = { figures, unit: "µs", whole: busyMicros };
  return [
    summary,
    threadsTable(threads, figures),
    sharesTable("place", byPlace.filter(([name]) => name !== IDLE), per),
    sharesTable("function, self time", busy.slice(0, FUNCTIONS_SHOWN), per),
    sharesTable("line, self time", byLine.slice(0, LINES_SHOWN), per),
  ].join("\n\n");
}

/** What was allocated on V8's heap, by function. */
export function allocationText({ allocations }: TakenProfile, figures: RunFigures): string {
  if (allocations === null) return "";
  const { byPlace, byFunction } = allocationShares(allocations.head);
  const bytes = total(byPlace);
  const perRequest = figures.requests === null
    ? ""
    : `, ${formatNumber(bytes / figures.requests)} B a request`;
  const per = { figures, unit: "B", whole: bytes };
  return [
    `allocated on the heap: ${formatNumber(bytes / MEGABYTE)} MB, ` +
    `${formatNumber(bytes / (figures.bytes / MEGABYTE))} B for each MB of record values${perRequest}`,
    sharesTable("place, allocated", byPlace, per),
    sharesTable("function, allocated", byFunction.slice(0, FUNCTIONS_SHOWN), per),
  ].join("\n\n");
}

interface Per {
  readonly figures: RunFigures;
  readonly unit: string;
  readonly whole: number;
}

function sharesTable(head: string, shares: Shares, { figures, unit, whole }: Per): string {
  const { bytes, requests } = figures;
  const rows = shares.map(([name, amount]) => [
    name,
    `${(amount / whole * 100).toFixed(1)} %`,
    formatNumber(amount / (bytes / MEGABYTE)),
    requests === null ? "–" : formatNumber(amount / requests),
  ]);
  return textTable([[head, "share", `${unit}/MB`, `${unit}/request`], ...rows]);
}

function threadsTable(threads: TakenProfile["threads"], { bytes, windowMs, requests }: RunFigures): string {
  const rows = Object.entries(threads).filter(([, seconds]) => seconds > 0).toSorted(([, a], [, b]) => b - a)
    .map(([name, seconds]) => [
      name,
      formatPercent(seconds / (windowMs / 1000)),
      formatNumber(seconds * 1e6 / (bytes / MEGABYTE)),
      requests === null ? "–" : formatNumber(seconds * 1e6 / requests),
    ]);
  return textTable([["thread", "of a core", "µs/MB", "µs/request"], ...rows]);
}
