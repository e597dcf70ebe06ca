import { type CharSet, foldCase, NO_CHAR, not, POSIX_CLASSES, range } from "./char_set.ts";
import { classEscape, literalSet } from "./escapes.ts";
import type { Input } from "./input.ts";
import { PatternError } from "./syntax.ts";

/** Reads a class in brackets: characters, ranges, escapes and `[:alpha:]`. */
export function parseBrackets(input: Input, isCaseFolded: boolean): CharSet {
  input.skip(1);
  const isNegated = input.take("^");
  let set = NO_CHAR;
  // A closing bracket at the very beginning stands for itself.
  for (let isFirst = true; isFirst || !input.at("]"); isFirst = false) {
    if (!input.more) throw new PatternError("missing closing ]");
    set |= posixClass(input, isCaseFolded) ?? classEscape(input, isCaseFolded) ??
      charOrRange(input, isCaseFolded);
  }
  input.skip(1);
  return isNegated ? not(set) : set;
}

function posixClass(input: Input, isCaseFolded: boolean): CharSet | undefined {
  const found = input.takeMatch(/\[:(\^?)([^\]]*?):\]/y);
  if (found === null) return undefined;
  const named = POSIX_CLASSES.get(found[2] ?? "");
  if (named === undefined) throw new PatternError("invalid character class range");
  const set = isCaseFolded ? foldCase(named) : named;
  return found[1] === "^" ? not(set) : set;
}

function charOrRange(input: Input, isCaseFolded: boolean): CharSet {
  const first = char(input);
  const isRange = input.at("-") && input.peek(1) !== "]" && input.peek(1) !== "";
  if (!isRange) return literalSet(first, isCaseFolded);
  input.skip(1);
  const last = char(input);
  if (last < first) throw new PatternError("invalid character class range");
  const set = range(first, last);
  return isCaseFolded ? foldCase(set) : set;
}

function char(input: Input): number {
  if (!input.more) throw new PatternError("missing closing ]");
  return input.at("\\") ? input.escape() : input.next();
}
