import type { CharSet } from "./char_set.ts";

/** A place between characters that has to be of a kind. */
export type Place = "start" | "end" | "word_edge" | "no_word_edge";

/** A pattern as a tree. Greed and groups are gone: they do not change what matches as a whole. */
export type Node =
  | { readonly kind: "empty" }
  | { readonly kind: "char"; readonly set: CharSet }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "choice"; readonly nodes: readonly Node[] }
  /** `max` is infinite when there is no end to it. */
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly max: number };

/** What is wrong with a pattern, in RE2's words where it is RE2 that refuses it. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}
