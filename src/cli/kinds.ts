import { Principal } from "../base/principal.ts";
import { parseAddress } from "../io/address.ts";
import type { Address } from "../io/network.ts";
import { formatByteSize, parseByteSize } from "./byte_size.ts";
import { parseDuration } from "./duration.ts";

/** What a text was read as, or why it cannot be. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** How the text of an option becomes a value. */
export interface OptionKind<T> {
  /** Stands for the value in help: `--listen ADDRESS`. Empty for a switch. */
  readonly placeholder: string;
  /** What is valid, in words, for help and error messages. */
  readonly valid: string;
  readonly parse: (text: string) => Parsed<T>;
  /** The text that the flag has without a value, for switches only. */
  readonly bare?: string;
}

/** Any text that `problem` has nothing against. */
export function text(
  placeholder: string,
  valid: string,
  problem: (text: string) => string | null,
): OptionKind<string> {
  return {
    placeholder,
    valid,
    parse: (text) => {
      const found = problem(text);
      return found === null ? { value: text } : { problem: found };
    },
  };
}

/** A whole number. */
export function integer(min: number, max: number): OptionKind<number> {
  return wholeNumber("NUMBER", "a whole number", min, max);
}

/** A whole number of milliseconds, without a unit. */
export function milliseconds(min: number, max: number): OptionKind<number> {
  return wholeNumber("MS", "a whole number of milliseconds", min, max);
}

function wholeNumber(placeholder: string, words: string, min: number, max: number): OptionKind<number> {
  return {
    placeholder,
    valid: `${words}, ${min} to ${max}`,
    parse: (text) => {
      if (!/^[+-]?\d+$/.test(text)) return { problem: `not ${words}` };
      return bounded(Number(text), min, max, String);
    },
  };
}

/** Bytes, plain or with a unit. With `zero`, 0 is valid below `min` too and has that meaning. */
export function byteSize(
  min: number,
  max: number,
  options: { readonly zero?: string } = {},
): OptionKind<number> {
  const range = `${formatByteSize(min)} to ${formatByteSize(max)}`;
  return {
    placeholder: "BYTES",
    valid: `bytes, such as 67108864 or 64MiB, ${range}${
      options.zero === undefined ? "" : `, or 0 (${options.zero})`
    }`,
    parse: (text) => {
      const bytes = parseByteSize(text);
      if (bytes === null) return { problem: "not a number of bytes" };
      if (bytes === 0 && options.zero !== undefined) return { value: 0 };
      return bounded(bytes, min, max, formatByteSize);
    },
  };
}

/** A Go duration, read as milliseconds. */
export function duration(minMs: number, maxMs: number): OptionKind<number> {
  return {
    placeholder: "DURATION",
    valid: `a duration such as 200ms, 5s, 1.5h or 24h0m0s`,
    parse: (text) => {
      const ms = parseDuration(text);
      if (ms === null) {
        return {
          problem: /^\d+$/.test(text) ? `a unit is missing, ${text}ms or ${text}s` : "not a duration",
        };
      }
      return bounded(ms, minMs, maxMs, (limit) => `${limit}ms`);
    },
  };
}

/** A switch: bare, or with one of the words that Go's programs take. */
export const boolean: OptionKind<boolean> = {
  placeholder: "",
  valid: "true or false",
  bare: "true",
  parse: (text) => {
    if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return { value: true };
    if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return { value: false };
    return { problem: "neither true nor false" };
  },
};

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): OptionKind<Word> {
  return {
    placeholder: words.join("|"),
    valid: `one of ${words.join(", ")}`,
    parse: (text) => {
      const word = words.find((each) => each === text.toLowerCase());
      return word === undefined ? { problem: "not one of them" } : { value: word };
    },
  };
}

/** An address to bind: the host may be empty, the port may be 0 (any free one). */
export const listenAddress: OptionKind<Address> = {
  placeholder: "ADDRESS",
  valid: "host:port, :port for every interface, or [IPv6]:port",
  parse: parseAddress,
};

/** The same for what is nobody's business but this machine's, unless a host says so. */
export const loopbackAddress: OptionKind<Address> = {
  placeholder: "ADDRESS",
  valid: "host:port, :port for this machine only, 0.0.0.0:port for every interface, or [IPv6]:port",
  parse: (text) => {
    const parsed = parseAddress(text);
    if ("problem" in parsed || parsed.value.host !== "") return parsed;
    return { value: { host: "127.0.0.1", port: parsed.value.port } };
  },
};

/** A file's path. */
export const filePath: OptionKind<string> = text("FILE", "the path of a file", () => null);

/** An address to connect to: it needs a host and a port. */
export const targetAddress: OptionKind<Address> = {
  placeholder: "ADDRESS",
  valid: "host:port or [IPv6]:port",
  parse: (text) => {
    const parsed = parseAddress(text);
    if ("problem" in parsed) return parsed;
    if (parsed.value.host === "") return { problem: "the host is missing" };
    return parsed.value.port === 0 ? { problem: "the port must not be 0" } : parsed;
  },
};

/** The same, or nothing at all when the text is empty. */
export function optional<T>(kind: OptionKind<T>): OptionKind<T | null> {
  return { ...kind, parse: (text) => text === "" ? { value: null } : kind.parse(text) };
}

/** A topic as the operator declares it; without a count it has the default one. */
export interface TopicText {
  readonly name: string;
  readonly partitions: number | null;
}

/** `NAME[:PARTITIONS]`, several separated by commas. What a legal name is, the cluster's rules say. */
export const topicList: OptionKind<readonly TopicText[]> = {
  placeholder: "NAME[:PARTITIONS]",
  valid: "a topic name and perhaps a partition count, such as orders or orders:12",
  parse: (text) => {
    const topics: TopicText[] = [];
    for (const item of text.split(",").filter((each) => each !== "")) {
      const [name = "", count, ...more] = item.split(":");
      if (more.length > 0 || (count !== undefined && !/^[1-9]\d{0,8}$/.test(count))) {
        return { problem: `'${item}' needs a partition count of 1 or more behind its colon` };
      }
      topics.push({ name, partitions: count === undefined ? null : Number(count) });
    }
    return { value: topics };
  },
};

/** `TYPE:NAME`, several separated by semicolons, or by commas: those inside of a name are followed by no `TYPE:`. */
export const principalList: OptionKind<readonly Principal[]> = {
  placeholder: "PRINCIPAL",
  valid: "a principal such as User:alice or User:CN=alice,O=Example",
  parse: (text) => {
    const principals: Principal[] = [];
    for (const item of text.split(/;|,(?=[A-Za-z]+:)/).filter((each) => each !== "")) {
      const principal = Principal.parse(item);
      if (principal === null) return { problem: `'${item}' has no type and name with a colon between` };
      principals.push(principal);
    }
    return { value: principals };
  },
};

function bounded(value: number, min: number, max: number, format: (limit: number) => string): Parsed<number> {
  if (value < min) return { problem: `below the least, ${format(min)}` };
  if (value > max) return { problem: `above the most, ${format(max)}` };
  return { value };
}
