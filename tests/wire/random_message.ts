import type { Field, FieldType, Message, PrimitiveType, Struct } from "../../codegen/model.ts";
import { includes } from "../../codegen/version_range.ts";
import type { SeededRandom } from "./seeded_random.ts";

const codePoints = ["a", "Z", "0", "-", ".", " ", "é", "α", "中", "\ufffd", "😀"];
const uuidAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const integerBits: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32 };

/** A message as plain data. */
export type Value = { [name: string]: unknown };

/**
 * A random instance of a message that `version` can carry, as an encoder takes it: nulls, empty and larger arrays,
 * defaults both written and left out, records in one piece and in several, extreme numbers, text of all lengths.
 */
export function randomMessage(message: Message, version: number, random: SeededRandom): Value {
  return randomStruct(message.root, version, random, 0);
}

function randomStruct(struct: Struct, version: number, random: SeededRandom, depth: number): Value {
  const value: Value = {};
  for (const field of struct.fields) {
    const isPresent = includes(field.versions, version);
    if (!isPresent || random.oneIn(5)) {
      if (!field.isOptional) value[field.name] = defaultOf(field);
    } else if (includes(field.nullable, version) && random.oneIn(4)) {
      value[field.name] = null;
    } else {
      value[field.name] = randomOf(field.type, version, random, depth);
    }
    if (value[field.name] === null && isPresent && !includes(field.nullable, version)) {
      value[field.name] = randomOf(field.type, version, random, depth);
    } else if (isPresent && value[field.name] === undefined && isNullByDefault(field, version)) {
      value[field.name] = randomOf(field.type, version, random, depth);
    }
  }
  return value;
}

/** A field may be left out only where its version can carry what then stands in for it. */
function isNullByDefault(field: Field, version: number): boolean {
  return field.tag === null && field.defaultValue.kind === "null" && !includes(field.nullable, version);
}

function randomOf(type: FieldType, version: number, random: SeededRandom, depth: number): unknown {
  if (type.kind === "struct") return randomStruct(type.struct, version, random, depth + 1);
  if (type.kind === "primitive") return randomPrimitive(type, random);
  const { element } = type;
  const isStruct = element.kind === "struct";
  const most = isStruct ? Math.max(1, 3 - depth) : random.oneIn(30) ? 200 : 4;
  return Array.from(
    { length: random.below(most + 1) },
    () =>
      isStruct ? randomStruct(element.struct, version, random, depth + 1) : randomPrimitive(element, random),
  );
}

function randomPrimitive(type: PrimitiveType, random: SeededRandom): unknown {
  switch (type.name) {
    case "bool":
      return random.oneIn(2);
    case "uint16":
      return random.below(2 ** 16);
    case "int64":
      return type.int64 === "bigint" ? randomBigint(random) : randomSafeInteger(random);
    case "float64":
      return (random.uint32() - 2 ** 31) / 1024;
    case "uuid":
      return randomUuid(random);
    case "string":
      return randomString(random);
    case "bytes":
      return randomBytes(random);
    case "records":
      return random.oneIn(3) ? [randomBytes(random), randomBytes(random)] : randomBytes(random);
    default:
      return randomInteger(integerBits[type.name] ?? 0, random);
  }
}

function randomInteger(bits: number, random: SeededRandom): number {
  const extreme = random.pick([0, -1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1]);
  return random.oneIn(2) ? extreme : (random.uint32() | 0) >> (32 - bits);
}

function randomSafeInteger(random: SeededRandom): number {
  if (random.oneIn(3)) return randomInteger(32, random);
  if (random.oneIn(3)) return random.pick([0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
  return ((random.uint32() | 0) >> 11) * 2 ** 32 + random.uint32();
}

function randomBigint(random: SeededRandom): bigint {
  return random.oneIn(3) ? random.pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]) : random.bigint64();
}

function randomUuid(random: SeededRandom): string {
  const head = Array.from({ length: 21 }, () => uuidAlphabet.charAt(random.below(64))).join("");
  // The last character carries the last two bits only.
  return head + random.pick(["A", "Q", "g", "w"]);
}

function randomString(random: SeededRandom): string {
  const most = random.oneIn(40) ? 3000 : random.oneIn(5) ? 70 : 12;
  const isAscii = random.oneIn(2);
  return Array.from(
    { length: random.below(most + 1) },
    () => isAscii ? String.fromCharCode(97 + random.below(26)) : random.pick(codePoints),
  ).join("");
}

function randomBytes(random: SeededRandom): Uint8Array<ArrayBuffer> {
  return random.bytes(random.below(random.oneIn(60) ? 20000 : random.oneIn(5) ? 300 : 16));
}

/** What decoding must give for a value that was encoded: defaults filled in, records in one piece. */
export function asDecoded(struct: Struct, value: Value, version: number): Value {
  const decoded: Value = {};
  for (const field of struct.fields) {
    const given = value[field.name];
    const isPresent = includes(field.versions, version) && given !== undefined;
    decoded[field.name] = isPresent ? fieldAsDecoded(field.type, given, version) : defaultOf(field);
  }
  return decoded;
}

function fieldAsDecoded(type: FieldType, given: unknown, version: number): unknown {
  if (given === null) return null;
  if (type.kind === "struct") return asDecoded(type.struct, given as Value, version);
  if (type.kind === "array") {
    return (given as readonly unknown[]).map((item) => fieldAsDecoded(type.element, item, version));
  }
  if (type.name === "records" && Array.isArray(given)) {
    return new Uint8Array(given.flatMap((piece: Uint8Array) => [...piece]));
  }
  return given;
}

/** The value of a field that is not sent. */
export function defaultOf(field: Field): unknown {
  if (field.defaultValue.kind === "null") return null;
  if (field.defaultValue.kind === "value") return field.defaultValue.value;
  const { type } = field;
  if (type.kind === "array") return [];
  if (type.kind === "struct") {
    return Object.fromEntries(type.struct.fields.map((inner) => [inner.name, defaultOf(inner)]));
  }
  switch (type.name) {
    case "bool":
      return false;
    case "string":
      return "";
    case "uuid":
      return "AAAAAAAAAAAAAAAAAAAAAA";
    case "bytes":
    case "records":
      return new Uint8Array(0);
    case "int64":
      return type.int64 === "bigint" ? 0n : 0;
    default:
      return 0;
  }
}
