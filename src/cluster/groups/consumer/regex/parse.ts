import { parseBrackets } from "./brackets.ts";
import { ANY_CHAR } from "./char_set.ts";
import { classEscape, literalSet } from "./escapes.ts";
import { Input } from "./input.ts";
import { type Node, PatternError, type Place } from "./syntax.ts";

/** As RE2: a bound of a repetition. */
const REPEAT_MAX = 1000;
/** Of klite's own: the parser and what comes after it follow the nesting by calls. */
const DEPTH_MAX = 500;

/**
 * A pattern in RE2's syntax as a tree.
 * @throws PatternError when it is none.
 */
export function parse(pattern: string): Node {
  const parser = new Parser(pattern);
  const node = parser.alternatives(0);
  // Only a closing parenthesis ends the alternatives early.
  if (parser.input.more) throw new PatternError("regexp/syntax: internal error");
  return node;
}

/** `\A` and its like. */
const PLACES: ReadonlyMap<string, Place> = new Map([
  ["A", "start"],
  ["z", "end"],
  ["b", "word_edge"],
  ["B", "no_word_edge"],
]);

class Parser {
  readonly input: Input;
  readonly #groupNames = new Set<string>();
  /** Whether letters match in either case: `(?i)`, to the end of the group. */
  #isCaseFolded = false;

  constructor(pattern: string) {
    this.input = new Input(pattern);
  }

  alternatives(depth: number): Node {
    if (depth > DEPTH_MAX) throw new PatternError("expression nests too deeply");
    const choices: Node[] = [this.#sequence(depth)];
    while (this.input.take("|")) choices.push(this.#sequence(depth));
    const [only] = choices;
    return choices.length === 1 && only !== undefined ? only : { kind: "choice", nodes: choices };
  }

  #sequence(depth: number): Node {
    const nodes: Node[] = [];
    // A repetition right behind another one is an error, as is one of nothing.
    let isRepeated = false;
    const { input } = this;
    while (input.more && !input.at("|") && !input.at(")")) {
      const bounds = this.#repetition();
      if (bounds === undefined) {
        // As Kafka's engine has it, a brace that is no bounds cannot be repeated either.
        const isBrace = input.at("{");
        if (input.at("\\Q")) nodes.push(...this.#quotation());
        else {
          const node = this.#one(depth);
          if (node !== undefined) nodes.push(node);
        }
        isRepeated = isBrace;
        continue;
      }
      const node = nodes.pop();
      if (node === undefined) throw new PatternError("missing argument to repetition operator");
      if (isRepeated) throw new PatternError("invalid nested repetition operator");
      nodes.push({ kind: "repeat", node, ...bounds });
      isRepeated = true;
    }
    const [only] = nodes;
    return nodes.length === 1 && only !== undefined ? only : { kind: "sequence", nodes };
  }

  /** `*`, `+`, `?` or bounds in braces, lazy or not. Braces that are no bounds stand for themselves. */
  #repetition(): { min: number; max: number } | undefined {
    const { input } = this;
    let bounds: { min: number; max: number } | undefined;
    if (input.take("*")) bounds = { min: 0, max: Infinity };
    else if (input.take("+")) bounds = { min: 1, max: Infinity };
    else if (input.take("?")) bounds = { min: 0, max: 1 };
    else {
      const braces = input.takeMatch(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y);
      if (braces === null) return undefined;
      const min = Number(braces[1]);
      const max = braces[2] === undefined ? min : braces[3] === undefined ? Infinity : Number(braces[3]);
      const isTooMany = min > REPEAT_MAX || (max > REPEAT_MAX && max !== Infinity);
      if (isTooMany || min > max) throw new PatternError("invalid repeat count");
      bounds = { min, max };
    }
    input.take("?");
    return bounds;
  }

  /** One thing that can be repeated; nothing for flags. */
  #one(depth: number): Node | undefined {
    const { input } = this;
    if (input.at("(")) return this.#group(depth);
    if (input.at("[")) return { kind: "char", set: parseBrackets(input, this.#isCaseFolded) };
    if (input.take("^")) return { kind: "place", place: "start" };
    if (input.take("$")) return { kind: "place", place: "end" };
    if (input.take(".")) return { kind: "char", set: ANY_CHAR };
    if (input.at("\\")) return this.#escape();
    return this.#literal(input.next());
  }

  #group(depth: number): Node | undefined {
    const outer = this.#isCaseFolded;
    if (!this.#openGroup()) return undefined;
    const node = this.alternatives(depth + 1);
    if (!this.input.take(")")) throw new PatternError("missing closing )");
    this.#isCaseFolded = outer;
    return node;
  }

  /** Reads `(` and what qualifies it. Answers false when it was flags alone, and no group. */
  #openGroup(): boolean {
    const { input } = this;
    if (!input.at("(?")) return input.take("(");
    if (input.at("(?P<") || input.at("(?<")) {
      const name = input.takeMatch(/\(\?P?<([^>]*)>/y)?.[1];
      if (name === undefined || !/^\w+$/.test(name)) throw new PatternError("invalid named capture");
      if (this.#groupNames.has(name)) throw new PatternError("duplicate capture group name");
      this.#groupNames.add(name);
      return true;
    }
    const flags = input.takeMatch(/\(\?([imsU]*)(-[imsU]+)?([:)])/y);
    if (flags === null) throw new PatternError("invalid or unsupported Perl syntax");
    if (flags[1]?.includes("i")) this.#isCaseFolded = true;
    if (flags[2]?.includes("i")) this.#isCaseFolded = false;
    return flags[3] === ":";
  }

  #escape(): Node {
    const { input } = this;
    const letter = input.peek(1);
    const place = PLACES.get(letter);
    if (place !== undefined) {
      input.skip(2);
      return { kind: "place", place };
    }
    const set = classEscape(input, this.#isCaseFolded);
    if (set !== undefined) return { kind: "char", set };
    return this.#literal(input.escape());
  }

  /** `\Q…\E`: all of it as it stands. A repetition behind it takes the last character. */
  #quotation(): Node[] {
    const { input } = this;
    input.skip(2);
    const nodes: Node[] = [];
    while (input.more && !input.take("\\E")) nodes.push(this.#literal(input.next()));
    return nodes;
  }

  #literal(code: number): Node {
    return { kind: "char", set: literalSet(code, this.#isCaseFolded) };
  }
}
