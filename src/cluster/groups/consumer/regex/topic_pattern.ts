import { Matcher } from "./matcher.ts";
import { parse } from "./parse.ts";
import { compile } from "./program.ts";
import { PatternError } from "./syntax.ts";

/** Longest pattern that is looked at, in UTF-16 units. */
const PATTERN_LENGTH_MAX = 16_384;

/**
 * A pattern of topic names, in RE2's syntax and with its meaning: it has to match
 * all of a name. There is no going back while matching, so a name costs as much as
 * it is long, whatever the pattern.
 *
 * It differs from RE2 in its bounds: a pattern is refused that comes to more than
 * 5,000 states (`(a{1000}){1000}`), nests 500 deep or is longer than 16,384 characters.
 */
export class TopicPattern {
  readonly #matcher: Matcher;

  private constructor(matcher: Matcher) {
    this.#matcher = matcher;
  }

  /** The pattern, or a few words on why it is none. */
  static parse(pattern: string): TopicPattern | { readonly problem: string } {
    if (pattern.length > PATTERN_LENGTH_MAX) return { problem: "expression is too large" };
    try {
      return new TopicPattern(new Matcher(compile(parse(pattern))));
    } catch (error) {
      if (error instanceof PatternError) return { problem: error.message };
      throw error;
    }
  }

  matches(topicName: string): boolean {
    return this.#matcher.matches(topicName);
  }
}
