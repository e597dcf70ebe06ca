import { type CharSet, foldCase, not, one, PERL_CLASSES, unicodeClass } from "./char_set.ts";
import type { Input } from "./input.ts";
import { PatternError } from "./syntax.ts";

/** The character, in either case if so asked. */
export function literalSet(code: number, isCaseFolded: boolean): CharSet {
  if (!isCaseFolded) return one(code);
  // The two characters outside of ASCII whose other case is inside.
  if (code === KELVIN_SIGN) return foldCase(one(0x6b));
  if (code === LONG_S) return foldCase(one(0x73));
  return foldCase(one(code));
}

const KELVIN_SIGN = 0x212a;
const LONG_S = 0x17f;

/** `\d` and its like, `\pN` and `\p{Greek}`; `undefined`, and nothing read, if there is none here. */
export function classEscape(input: Input, isCaseFolded: boolean): CharSet | undefined {
  const perl = PERL_CLASSES.get(input.peek(1));
  if (perl !== undefined) {
    input.skip(2);
    return perl;
  }
  if (!input.at("\\p") && !input.at("\\P")) return undefined;
  const found = input.takeMatch(/\\([pP])(?:\{(\^?)([^}]*)\}|(\^?)([^{]))/yu);
  const name = found?.[3] ?? found?.[5];
  const set = name === undefined ? undefined : unicodeClass(name);
  if (found === null || set === undefined) throw new PatternError("invalid character class range");
  const isNegated = (found[1] === "P") !== ((found[2] ?? found[4]) === "^");
  const folded = isCaseFolded ? foldCase(set) : set;
  return isNegated ? not(folded) : folded;
}
