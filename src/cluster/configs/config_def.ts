/** How a config's text is read, by the names Kafka gives its types. */
export type ConfigType = "boolean" | "double" | "int" | "list" | "long" | "string";

/** A config as Kafka 4.3 knows it: its name, type, default and valid values. */
export interface ConfigDef {
  readonly name: string;
  readonly type: ConfigType;
  /** `null` where there is none. */
  readonly default: string | null;
  /** Smallest and largest number, for numeric types. */
  readonly min?: number;
  readonly max?: number;
  /** The only valid words, for strings and lists. */
  readonly words?: readonly string[];
  /** What a list must look like. */
  readonly form?: RegExp;
  /** A number outside [min, max] that is valid all the same. */
  readonly alsoValid?: number;
}

const LONG_MAX = "9223372036854775807";
const INT_MAX = 2147483647;

/** The longest value in bytes of UTF-8: older clients can be told no longer text. */
const VALUE_BYTES_MAX = 32_767;
const BYTES_PER_CHAR_MAX = 3;

/** What is wrong with a value, in words for the client; `null` when nothing is. */
export function valueProblem(def: ConfigDef, value: string): string | null {
  const isLong = value.length > VALUE_BYTES_MAX / BYTES_PER_CHAR_MAX;
  if (isLong && new TextEncoder().encode(value).length > VALUE_BYTES_MAX) {
    return `It has more than ${VALUE_BYTES_MAX} bytes`;
  }
  switch (def.type) {
    case "boolean":
      return /^(true|false)$/i.test(value.trim()) ? null : "Expected value to be either true or false";
    case "string":
      return wordsProblem(def, [value.trim()]);
    case "list":
      return formProblem(def, value) ?? wordsProblem(def, listOf(value));
    case "int":
    case "long":
    case "double":
      return numberProblem(def, value.trim());
  }
}

/** The elements of a list's text. */
export function listOf(value: string): string[] {
  return value.trim() === "" ? [] : value.split(",").map((word) => word.trim());
}

/** A valid value as Kafka tells it: numbers without spaces and signs, lists without gaps. */
export function canonicalValue({ type }: ConfigDef, value: string): string {
  switch (type) {
    case "boolean":
      return value.trim().toLowerCase();
    case "string":
      return value.trim();
    case "list":
      return listOf(value).join(",");
    case "int":
    case "long":
      return String(BigInt(value.trim().replace(/^\+/, "")));
    case "double": {
      const text = String(Number(value));
      return /^-?\d+$/.test(text) ? `${text}.0` : text;
    }
  }
}

function formProblem({ form }: ConfigDef, value: string): string | null {
  return form === undefined || form.test(listOf(value).join(","))
    ? null
    : "It does not have the form of such a list";
}

function wordsProblem(def: ConfigDef, words: readonly string[]): string | null {
  const valid = def.words;
  if (valid === undefined || words.every((word) => valid.includes(word))) return null;
  return `String must be one of: ${valid.join(", ")}`;
}

function numberProblem(def: ConfigDef, value: string): string | null {
  if (def.type === "double") {
    if (value === "" || !Number.isFinite(Number(value))) return "Not a number of type DOUBLE";
  } else {
    const limit = def.type === "int" ? BigInt(INT_MAX) : BigInt(LONG_MAX);
    if (!/^[+-]?\d{1,19}$/.test(value) || BigInt(value) > limit || BigInt(value) < -limit - 1n) {
      return `Not a number of type ${def.type.toUpperCase()}`;
    }
  }
  const number = Number(value);
  if (number === def.alsoValid) return null;
  if (def.min !== undefined && number < def.min) return `Value must be at least ${def.min}`;
  if (def.max !== undefined && number > def.max) return `Value must be no more than ${def.max}`;
  return null;
}
