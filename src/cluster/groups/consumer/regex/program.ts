import type { CharSet } from "./char_set.ts";
import { type Node, PatternError, type Place } from "./syntax.ts";

/** Most states of a program: it bounds what looking at one character can cost. */
const STATES_MAX = 5000;

/** One state of a program: what it wants, and where it goes on. */
export type State =
  | { readonly kind: "char"; readonly set: CharSet; readonly next: number }
  | { readonly kind: "place"; readonly place: Place; readonly next: number }
  | { readonly kind: "fork"; readonly next: readonly number[] }
  | { readonly kind: "match" };

/** A pattern as a nondeterministic automaton. */
export interface Program {
  readonly states: readonly State[];
  readonly start: number;
}

/**
 * The automaton of a pattern.
 * @throws PatternError when it would be too large.
 */
export function compile(node: Node): Program {
  if (sizeOf(node) >= STATES_MAX) throw new PatternError("expression is too large");
  const states: State[] = [{ kind: "match" }];
  const start = emit(states, node, 0);
  return { states, start };
}

/** How many states {@link emit} makes; counted before anything is made. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case "empty":
      return 0;
    case "char":
    case "place":
      return 1;
    case "sequence":
      return node.nodes.reduce((sum, part) => sum + sizeOf(part), 0);
    case "choice":
      return node.nodes.reduce((sum, part) => sum + sizeOf(part), 1);
    case "repeat": {
      const once = sizeOf(node.node) + 1;
      return node.max === Infinity ? once * Math.max(node.min, 1) + 1 : once * node.max;
    }
  }
}

/** Adds what leads through `node` to the state `next`, back to front. Answers where it begins. */
function emit(states: State[], node: Node, next: number): number {
  switch (node.kind) {
    case "empty":
      return next;
    case "char":
      return states.push({ kind: "char", set: node.set, next }) - 1;
    case "place":
      return states.push({ kind: "place", place: node.place, next }) - 1;
    case "sequence":
      return node.nodes.reduceRight((end, part) => emit(states, part, end), next);
    case "choice":
      return states.push({ kind: "fork", next: node.nodes.map((part) => emit(states, part, next)) }) - 1;
    case "repeat":
      return emitRepeat(states, node, next);
  }
}

function emitRepeat(states: State[], repeat: Extract<Node, { kind: "repeat" }>, next: number): number {
  const { node, min, max } = repeat;
  let at = next;
  if (max === Infinity) {
    // The loop's own state is known before what it leads into.
    const loop = states.push({ kind: "fork", next: [] }) - 1;
    const body = emit(states, node, loop);
    states[loop] = { kind: "fork", next: [body, next] };
    // The body that loops counts as the last of those that there must be.
    at = min === 0 ? loop : body;
    for (let count = 1; count < min; count++) at = emit(states, node, at);
    return at;
  }
  for (let count = min; count < max; count++) {
    at = states.push({ kind: "fork", next: [emit(states, node, at), next] }) - 1;
  }
  for (let count = 0; count < min; count++) at = emit(states, node, at);
  return at;
}
