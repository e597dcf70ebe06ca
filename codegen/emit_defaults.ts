import { interfaceName } from "./names.ts";
import type { Field, FieldType, Message, Struct } from "./model.ts";
import { isEmpty } from "./version_range.ts";

/** An expression for the value that a field has where it is not sent. */
export function defaultExpression(field: Field): string {
  if (field.defaultValue.kind === "null") return "null";
  if (field.defaultValue.kind === "value") return literal(field.defaultValue.value);
  return emptyExpression(field.type);
}

function literal(value: string | boolean | number | bigint): string {
  return typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
}

function emptyExpression(type: FieldType): string {
  if (type.kind === "array") return "emptyArray";
  if (type.kind === "struct") return `default${type.struct.name}`;
  switch (type.name) {
    case "bool":
      return "false";
    case "string":
      return '""';
    case "uuid":
      return "zeroUuid";
    case "bytes":
    case "records":
      return "emptyBytes";
    case "int64":
      return type.int64 === "bigint" ? "0n" : "0";
    default:
      return "0";
  }
}

/** The structs whose default instance is the default of some field, with all that are inside them. */
export function structsWithDefault(message: Message): Set<Struct> {
  const found = new Set<Struct>();
  const add = (struct: Struct) => {
    found.add(struct);
    for (const field of struct.fields) addOf(field);
  };
  const addOf = (field: Field) => {
    if (field.type.kind === "struct" && field.defaultValue.kind !== "null") add(field.type.struct);
  };
  for (const struct of [...message.structs, message.root]) {
    for (const field of struct.fields) {
      const isAbsentSomewhere = field.tag !== null || field.versions.min > struct.versions.min ||
        field.versions.max < struct.versions.max;
      if (isAbsentSomewhere || found.has(struct)) addOf(field);
    }
  }
  return found;
}

/** The default instance of a struct, shared by all that decoding gives, and the test of whether a value equals it. */
export function emitDefault(message: Message, struct: Struct): string {
  const name = interfaceName(message, struct);
  const fields = struct.fields.map((field) => `${field.name}: ${defaultExpression(field)}`);
  const tests = struct.fields.map((field) => isDefaultExpression(field, inputExpression(field)));
  return `const default${struct.name}: ${name} = { ${fields.join(", ")} };\n\n` +
    `function isDefault${struct.name}(value: ${name}Input): boolean {\nreturn ${tests.join(" && ")};\n}\n`;
}

/** The value of a field that is to be encoded, its default filled in. */
export function inputExpression(field: Field): string {
  const value = `value.${field.name}`;
  if (!field.isOptional) return value;
  const otherwise = defaultExpression(field);
  // Where null means something else than left out, `??` would take the one for the other.
  const nullMeansNull = !isEmpty(field.nullable) && otherwise !== "null";
  return nullMeansNull ? `(${value} === undefined ? ${otherwise} : ${value})` : `(${value} ?? ${otherwise})`;
}

/** A condition that holds when `value`, an expression, is the field's default. */
export function isDefaultExpression(field: Field, value: string): string {
  const { type } = field;
  const otherwise = defaultExpression(field);
  if (otherwise === "null") return `${value} === null`;
  const guard = isEmpty(field.nullable) ? "" : `${value} !== null && `;
  if (type.kind === "struct") return `${guard}isDefault${type.struct.name}(${value})`;
  const isSequence = type.kind === "array" || type.name === "bytes" || type.name === "records";
  if (!isSequence) return `${value} === ${otherwise}`;
  return `${guard}${value}.length === 0`;
}
