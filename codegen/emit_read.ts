import { defaultExpression } from "./emit_defaults.ts";
import { arrayHelper, guarded, int64Method } from "./emit_shared.ts";
import { minBytes } from "./min_bytes.ts";
import { interfaceName } from "./names.ts";
import type { Field, FieldType, Message, Struct } from "./model.ts";
import { condition, intersect, isEmpty, negatedCondition } from "./version_range.ts";

/** The function that reads one struct. */
export function emitRead(message: Message, struct: Struct): string {
  const isRoot = struct === message.root;
  const name = interfaceName(message, struct);
  const head = isRoot
    ? `export function decode${name}(reader: Reader, version: number): ${name}`
    : `function read${struct.name}(reader: Reader, version: number): ${name}`;
  const tagged = struct.fields.filter((field) => field.tag !== null);
  const flexible = condition(message.flexible, struct.versions);
  const fields = struct.fields.map((field) => `${field.name}: ${fieldExpression(field, struct)},`).join("\n");
  if (flexible === "false") return `${head} {\nreturn {\n${fields}\n};\n}\n`;
  if (tagged.length === 0) {
    const skip = guarded(flexible, "reader.skipTaggedFields();");
    return `${head} {\nconst value = {\n${fields}\n};\n${skip}\nreturn value;\n}\n`;
  }
  const names = tagged.map((field) => `"${field.name}"`).join(" | ");
  const declared = `const value: Mutable<${name}, ${names}> = {\n${fields}\n};`;
  return `${head} {\n${declared}\n${
    guarded(flexible, readTags(message, struct, tagged))
  }\nreturn value;\n}\n`;
}

function fieldExpression(field: Field, struct: Struct): string {
  if (field.tag !== null) return defaultExpression(field);
  const present = condition(field.versions, struct.versions);
  const read = readExpression(field);
  return present === "true" ? read : `${present} ? ${read} : ${defaultExpression(field)}`;
}

/** Reads a field where it is known to be there. */
function readExpression(field: Field): string {
  const flexible = condition(field.flexible, field.versions);
  const nullable = condition(field.nullable, field.versions);
  const plain = plainExpression(field.type, flexible, false);
  if (nullable === "false") return plain;
  const orNull = plainExpression(field.type, flexible, true);
  return nullable === "true" ? orNull : `(${nullable} ? ${orNull} : ${plain})`;
}

function plainExpression(type: FieldType, flexible: string, isNullable: boolean): string {
  if (type.kind === "array") {
    const helper = arrayHelper("read", type.element, isNullable);
    return `${helper}(reader, ${type.element.kind === "struct" ? "version" : flexible})`;
  }
  if (type.kind === "struct") {
    const read = `read${type.struct.name}(reader, version)`;
    return isNullable ? `reader.isPresent() ? ${read} : null` : read;
  }
  switch (type.name) {
    case "string":
      return isNullable ? `reader.nullableString(${flexible})` : `reader.string(${flexible})`;
    case "bytes":
    case "records":
      return isNullable ? `reader.nullableBytes(${flexible})` : `reader.bytes(${flexible})`;
    case "int64":
      return `reader.${int64Method(type)}()`;
    default:
      if (isNullable) throw new Error(`a nullable ${type.name}`);
      return `reader.${type.name}()`;
  }
}

function readTags(message: Message, struct: Struct, tagged: readonly Field[]): string {
  const cases = tagged.map((field) => {
    const absent = negatedCondition(field.versions, intersect(message.flexible, struct.versions));
    const where = `"${interfaceName(message, struct)}.${field.name}", version`;
    const check = absent === "false" ? "" : `if (${absent}) throw tagNotInVersion(${where});\n`;
    return `case ${field.tag}:\n${check}value.${field.name} = ${readExpression(field)};\nbreak;\n`;
  });
  return `for (let count = reader.tagCount(); count > 0; count--) {
const tag = reader.uvarint();
const end = reader.tagEnd();
switch (tag) {
${cases.join("")}default:
reader.skip(end - reader.position);
}
reader.endTag(end);
}`;
}

/** The function that reads an array of one struct. */
export function emitReadArray(
  message: Message,
  struct: Struct,
  flexible: string,
  isNullable: boolean,
): string {
  const name = interfaceName(message, struct);
  const orNull = isNullable ? " | null" : "";
  const helper = arrayHelper("read", { kind: "struct", struct }, isNullable);
  const count = isNullable ? "nullableArrayLength" : "arrayLength";
  const bytes = minBytes(message, struct);
  if (isEmpty(struct.versions) || bytes < 1) throw new Error(`${name}: elements that take no bytes`);
  return `function ${helper}(reader: Reader, version: number): readonly ${name}[]${orNull} {
const count = reader.${count}(${flexible}, ${bytes});
${isNullable ? "if (count < 0) return null;\n" : ""}const items = arrayFor<${name}>(count);
for (let index = 0; index < count; index++) items[index] = read${struct.name}(reader, version);
return items;
}
`;
}
