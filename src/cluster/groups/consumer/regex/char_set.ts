/**
 * A set of ASCII characters, a bit each. Topic names hold no others, so what a
 * pattern says of the rest of Unicode can be forgotten when it is parsed.
 */
export type CharSet = bigint;

/** Characters that there are. */
export const CHAR_COUNT = 128;

export const NO_CHAR: CharSet = 0n;
export const ANY_CHAR: CharSet = (1n << BigInt(CHAR_COUNT)) - 1n;

/** The characters from `first` to `last`, both included; what is not ASCII does not count. */
export function range(first: number, last: number): CharSet {
  const end = Math.min(last, CHAR_COUNT - 1);
  if (first > end) return NO_CHAR;
  return ((1n << BigInt(end - first + 1)) - 1n) << BigInt(first);
}

export function one(code: number): CharSet {
  return range(code, code);
}

export function not(set: CharSet): CharSet {
  return ANY_CHAR & ~set;
}

export function has(set: CharSet, code: number): boolean {
  return (set >> BigInt(code) & 1n) === 1n;
}

/** All characters of a string. */
function anyOf(characters: string): CharSet {
  let set = NO_CHAR;
  for (const character of characters) set |= one(character.codePointAt(0) ?? 0);
  return set;
}

const UPPER = range(0x41, 0x5a);
const LOWER = range(0x61, 0x7a);
const CASE_BIT = 32n;

/** `set` and the other case of each of its letters. */
export function foldCase(set: CharSet): CharSet {
  return set | (set & UPPER) << CASE_BIT | (set & LOWER) >> CASE_BIT;
}

const DIGIT = range(0x30, 0x39);
const SPACE = anyOf("\t\n\f\r ");
export const WORD: CharSet = UPPER | LOWER | DIGIT | anyOf("_");

/** What `\d` and its like stand for, by letter. */
export const PERL_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ["d", DIGIT],
  ["D", not(DIGIT)],
  ["s", SPACE],
  ["S", not(SPACE)],
  ["w", WORD],
  ["W", not(WORD)],
]);

const PUNCTUATION = range(0x21, 0x7e) & ~(UPPER | LOWER | DIGIT);

/** What stands between `[:` and `:]`. */
export const POSIX_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ["alnum", UPPER | LOWER | DIGIT],
  ["alpha", UPPER | LOWER],
  ["ascii", ANY_CHAR],
  ["blank", anyOf("\t ")],
  ["cntrl", range(0, 0x1f) | one(0x7f)],
  ["digit", DIGIT],
  ["graph", range(0x21, 0x7e)],
  ["lower", LOWER],
  ["print", range(0x20, 0x7e)],
  ["punct", PUNCTUATION],
  ["space", SPACE | one(0x0b)],
  ["upper", UPPER],
  ["word", WORD],
  ["xdigit", DIGIT | range(0x41, 0x46) | range(0x61, 0x66)],
]);

/** The ASCII part of what `\p{name}` stands for: a general category or a script. `undefined` if there is none such. */
export function unicodeClass(name: string): CharSet | undefined {
  if (name === "Any") return ANY_CHAR;
  if (!/^[A-Z][A-Za-z_]{0,40}$/.test(name)) return undefined;
  const property = name.length <= 2 ? `gc=${name}` : `sc=${name}`;
  try {
    const pattern = new RegExp(`^\\p{${property}}$`, "u");
    let set = NO_CHAR;
    for (let code = 0; code < CHAR_COUNT; code++) {
      if (pattern.test(String.fromCharCode(code))) set |= one(code);
    }
    return set;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
