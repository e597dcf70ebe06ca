/** Adds up profiles: which function, which line and which place took how much by itself. */
import type { AllocationNode, CpuProfile } from "./model.ts";
import { nameOf, pathOf, placeOf } from "./places.ts";

/** An amount by name, the largest first: microseconds or bytes. */
export type Shares = readonly (readonly [name: string, amount: number])[];

/** What one profile says. */
export interface ProfileShares {
  readonly byPlace: Shares;
  readonly byFunction: Shares;
  /** By line of the source; empty for allocations, which tell none. */
  readonly byLine: Shares;
}

/** Self times in microseconds. */
export function cpuShares({ nodes, samples, timeDeltas, endTime, startTime }: CpuProfile): ProfileShares {
  const selfMicros = new Map<number, number>();
  let atMicros = startTime;
  for (const [index, node] of samples.entries()) {
    atMicros += timeDeltas[index] ?? 0;
    // What is seen at one sample counts until the next.
    const next = timeDeltas[index + 1] ?? Math.max(0, endTime - atMicros);
    selfMicros.set(node, (selfMicros.get(node) ?? 0) + next);
  }
  const [byPlace, byFunction, byLine] = [new Tally(), new Tally(), new Tally()];
  for (const { id, callFrame, positionTicks = [] } of nodes) {
    const micros = selfMicros.get(id) ?? 0;
    if (micros === 0) continue;
    byPlace.add(placeOf(callFrame), micros);
    byFunction.add(nameOf(callFrame), micros);
    if (callFrame.url === "") continue;
    const ticksInAll = positionTicks.reduce((sum, { ticks }) => sum + ticks, 0);
    for (const { line, ticks } of positionTicks) {
      const name = `${pathOf(callFrame.url)}:${line}  ${callFrame.functionName}`;
      byLine.add(name, micros * ticks / ticksInAll);
    }
  }
  return { byPlace: byPlace.sorted(), byFunction: byFunction.sorted(), byLine: byLine.sorted() };
}

/** Bytes that functions allocated themselves. */
export function allocationShares(head: AllocationNode): ProfileShares {
  const [byPlace, byFunction] = [new Tally(), new Tally()];
  const visit = ({ callFrame, selfSize, children }: AllocationNode) => {
    if (selfSize > 0) {
      byPlace.add(placeOf(callFrame), selfSize);
      byFunction.add(nameOf(callFrame), selfSize);
    }
    for (const child of children) visit(child);
  };
  visit(head);
  return { byPlace: byPlace.sorted(), byFunction: byFunction.sorted(), byLine: [] };
}

/** All of it. */
export function total(shares: Shares): number {
  return shares.reduce((sum, [, amount]) => sum + amount, 0);
}

/** What one name has. */
export function amountOf(shares: Shares, name: string): number {
  return shares.find(([found]) => found === name)?.[1] ?? 0;
}

class Tally {
  readonly #amounts = new Map<string, number>();

  add(name: string, amount: number): void {
    this.#amounts.set(name, (this.#amounts.get(name) ?? 0) + amount);
  }

  sorted(): Shares {
    return [...this.#amounts].toSorted(([, a], [, b]) => b - a);
  }
}
