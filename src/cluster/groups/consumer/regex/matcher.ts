import { CHAR_COUNT, has, WORD } from "./char_set.ts";
import type { Place } from "./syntax.ts";
import type { Program, State } from "./program.ts";

/** What may be remembered, in places of arrays; beyond it all is forgotten and found again as needed. */
const CACHE_MAX = 200_000;

/** What stands beside a place: nothing, a word's character or another. */
const enum Side {
  EDGE,
  WORD,
  OTHER,
}

/** A set of the program's states that the text so far can have led to, and what the last character was. */
interface Configuration {
  readonly states: readonly number[];
  readonly before: Side;
  /** Where each class of characters leads to, as far as known. */
  readonly next: (Configuration | undefined)[];
  /** Whether the text may end here, once known. */
  isMatch: boolean | undefined;
}

/**
 * Matches whole texts against a program, in time linear in the text: all ways
 * through the program are followed at once, and what they come to is remembered.
 */
export class Matcher {
  readonly #program: Program;
  /** Characters that no set tells apart are of one class. */
  readonly #classes: Uint8Array;
  /** A character of each class. */
  readonly #samples: readonly number[];
  /** Of states that want a character: for each class, 1 if it will do. */
  readonly #wanted: readonly (Uint8Array | null)[];
  /** The round in which a state was come to last: marks that need no clearing. */
  readonly #seen: Uint32Array;
  #round = 0;
  readonly #cache = new Map<string, Configuration>();
  #cacheSize = 0;

  constructor(program: Program) {
    this.#program = program;
    const { classes, samples } = classify(program.states);
    this.#classes = classes;
    this.#samples = samples;
    this.#wanted = wantedClasses(program.states, samples);
    this.#seen = new Uint32Array(program.states.length);
  }

  /** Whether all of `text` matches. Text with characters beyond ASCII does not. */
  matches(text: string): boolean {
    let at = this.#configuration([this.#program.start], Side.EDGE);
    for (let index = 0; index < text.length; index++) {
      const charClass = this.#classes[text.charCodeAt(index)];
      if (charClass === undefined) return false;
      at = at.next[charClass] ??= this.#step(at, charClass);
      if (at.states.length === 0) return false;
    }
    return at.isMatch ??= this.#reachable(at, Side.EDGE).some((state) => this.#state(state).kind === "match");
  }

  #step(at: Configuration, charClass: number): Configuration {
    const side = has(WORD, this.#samples[charClass] ?? 0) ? Side.WORD : Side.OTHER;
    const reachable = this.#reachable(at, side);
    const seen = this.#seen;
    const round = ++this.#round;
    for (const index of reachable) {
      const state = this.#state(index);
      if (state.kind === "char" && this.#wanted[index]?.[charClass] === 1) seen[state.next] = round;
    }
    // In order, so that equal sets are found to be equal.
    const next: number[] = [];
    for (let index = 0; index < seen.length; index++) if (seen[index] === round) next.push(index);
    return this.#configuration(next, side);
  }

  #configuration(states: readonly number[], before: Side): Configuration {
    const key = `${before}:${states.join()}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const size = states.length + this.#samples.length;
    this.#cacheSize += size;
    if (this.#cacheSize > CACHE_MAX) {
      // Or the ones in use would keep all others alive.
      for (const { next } of this.#cache.values()) next.length = 0;
      this.#cache.clear();
      this.#cacheSize = size;
    }
    const made: Configuration = { states, before, next: [], isMatch: undefined };
    this.#cache.set(key, made);
    return made;
  }

  /** All states that can be come to without a character, when `after` is what follows. */
  #reachable({ states, before }: Configuration, after: Side): number[] {
    const seen = this.#seen;
    const round = ++this.#round;
    const found: number[] = [];
    const visit = (index: number) => {
      if (seen[index] === round) return;
      seen[index] = round;
      found.push(index);
    };
    states.forEach(visit);
    for (let next = 0; next < found.length; next++) {
      const state = this.#state(found[next] ?? 0);
      if (state.kind === "fork") state.next.forEach(visit);
      else if (state.kind === "place" && isAt(state.place, before, after)) visit(state.next);
    }
    return found;
  }

  #state(index: number): State {
    return this.#program.states[index] ?? { kind: "fork", next: [] };
  }
}

function isAt(place: Place, before: Side, after: Side): boolean {
  switch (place) {
    case "start":
      return before === Side.EDGE;
    case "end":
      return after === Side.EDGE;
    case "word_edge":
      return (before === Side.WORD) !== (after === Side.WORD);
    case "no_word_edge":
      return (before === Side.WORD) === (after === Side.WORD);
  }
}

function wantedClasses(states: readonly State[], samples: readonly number[]): (Uint8Array | null)[] {
  const bySet = new Map<bigint, Uint8Array>();
  return states.map((state) => {
    if (state.kind !== "char") return null;
    let classes = bySet.get(state.set);
    if (classes === undefined) {
      classes = Uint8Array.from(samples, (code) => has(state.set, code) ? 1 : 0);
      bySet.set(state.set, classes);
    }
    return classes;
  });
}

/** Splits the characters by all sets that a program has, and by being a word's. */
function classify(states: readonly State[]): { classes: Uint8Array; samples: readonly number[] } {
  const classes = new Uint8Array(CHAR_COUNT);
  let samples: number[] = [0];
  const sets = new Set([WORD]);
  for (const state of states) if (state.kind === "char") sets.add(state.set);
  for (const set of sets) {
    if (samples.length === CHAR_COUNT) break;
    const split = new Map<number, number>();
    samples = [];
    for (let code = 0; code < CHAR_COUNT; code++) {
      const side = (classes[code] ?? 0) * 2 + (has(set, code) ? 1 : 0);
      let charClass = split.get(side);
      if (charClass === undefined) {
        charClass = samples.push(code) - 1;
        split.set(side, charClass);
      }
      classes[code] = charClass;
    }
  }
  return { classes, samples };
}
