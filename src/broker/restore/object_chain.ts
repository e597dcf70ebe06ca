import type { StoredObject } from "../../objects/stored_object.ts";

/** An object that is in the store. */
export interface Candidate {
  readonly object: StoredObject;
  /** Whether the snapshot names it. One that it does not name is younger than the snapshot, or superfluous. */
  readonly isKnown: boolean;
}

/** Offsets `[fromOffset, toOffset)` of which nothing is stored, though something before them is. */
export interface OffsetGap {
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** What becomes of a partition's objects. */
export interface ObjectChain {
  /** Each begins where the one before ends. */
  readonly objects: readonly StoredObject[];
  /** What is missing between objects, or behind the last one and below what the snapshot says is stored. */
  readonly gaps: readonly OffsetGap[];
}

/**
 * Chooses of all objects that were found those that are the partition's: they follow each other without a gap, and
 * reach as far as any.
 *
 * Objects that were written anew from others stand beside these until the others are deleted. Where the snapshot names
 * an object that is there, that one is taken: what it names is whole, and what was written anew may be half of a job
 * that a crash has ended. Where it is gone its successor is complete, for nothing is deleted before that; a chain
 * that reaches as far as the others did finds it.
 *
 * `storedEnd` is where the snapshot's objects end. Objects below `logStartOffset` are nobody's any more.
 */
export function chooseChain(
  candidates: readonly Candidate[],
  logStartOffset: number,
  storedEnd: number,
): ObjectChain {
  let left = candidates.filter(({ object }) => object.endOffset > logStartOffset);
  let objects: StoredObject[] = [];
  const gaps: OffsetGap[] = [];
  while (left.length > 0) {
    const run = longestRun(left);
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined) break;
    const toOffset = objects[0]?.baseOffset ?? storedEnd;
    if (last.endOffset < toOffset) gaps.unshift({ fromOffset: last.endOffset, toOffset });
    objects = [...run, ...objects];
    // What lies across its beginning is superfluous; what lies before it is not, with a gap between.
    left = left.filter(({ object }) => object.endOffset <= first.baseOffset);
  }
  return { objects, gaps };
}

/**
 * The chain without what cannot be kept beside its gaps: an object of generation 0 stands for the gap behind it, too,
 * as if it had been emptied; one that was written anew has its end in its name, and goes with all before it.
 */
export function bridgeGaps({ objects, gaps }: ObjectChain): StoredObject[] {
  const missing = new Map(gaps.map(({ fromOffset, toOffset }) => [fromOffset, toOffset]));
  const kept: StoredObject[] = [];
  for (const [index, object] of objects.entries()) {
    const toOffset = index === objects.length - 1 ? undefined : missing.get(object.endOffset);
    if (toOffset === undefined) kept.push(object);
    else if (object.generation === 0) kept.push({ ...object, endOffset: toOffset });
    else kept.length = 0;
  }
  return kept;
}

/** Of all objects that follow each other, those that reach furthest and begin earliest. */
function longestRun(candidates: readonly Candidate[]): StoredObject[] {
  const steps = furthestReach(candidates);
  let from = -1;
  let reachOffset = -1;
  for (const [base, step] of steps) {
    if (step.reachOffset < reachOffset || (step.reachOffset === reachOffset && base > from)) continue;
    from = base;
    reachOffset = step.reachOffset;
  }
  const run: StoredObject[] = [];
  for (let step = steps.get(from); step !== undefined; step = steps.get(step.object.endOffset)) {
    run.push(step.object);
  }
  return run;
}

/** A step of the best way on from an offset. */
interface Step {
  readonly object: StoredObject;
  readonly isKnown: boolean;
  readonly reachOffset: number;
}

function furthestReach(candidates: readonly Candidate[]): Map<number, Step> {
  const best = new Map<number, Step>();
  const fromLast = candidates.toSorted((a, b) => b.object.baseOffset - a.object.baseOffset);
  for (const { object, isKnown } of fromLast) {
    const reachOffset = best.get(object.endOffset)?.reachOffset ?? object.endOffset;
    const step = { object, isKnown, reachOffset };
    const other = best.get(object.baseOffset);
    if (other === undefined || isBetter(step, other)) best.set(object.baseOffset, step);
  }
  return best;
}

function isBetter(one: Step, other: Step): boolean {
  if (one.reachOffset !== other.reachOffset) return one.reachOffset > other.reachOffset;
  if (one.isKnown !== other.isKnown) return one.isKnown;
  return one.object.generation > other.object.generation;
}
