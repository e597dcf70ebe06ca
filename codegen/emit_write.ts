import { inputExpression, isDefaultExpression } from "./emit_defaults.ts";
import { arrayHelper, guarded, int64Method } from "./emit_shared.ts";
import { interfaceName } from "./names.ts";
import type { Field, FieldType, Message, Struct } from "./model.ts";
import { condition, intersect, isEmpty, negatedCondition } from "./version_range.ts";

/** Names that a generated function already has a use for. */
const takenNames = new Set(["value", "version", "writer", "tags", "start", "default", "delete", "new", "in"]);

/** The function that writes one struct. */
export function emitWrite(message: Message, struct: Struct): string {
  const isRoot = struct === message.root;
  const name = interfaceName(message, struct);
  const head = isRoot
    ? `export function encode${name}(writer: Writer, value: ${name}Input, version: number): void`
    : `function write${struct.name}(writer: Writer, value: ${name}Input, version: number): void`;
  const plain = struct.fields.filter((field) => field.tag === null);
  const tagged = struct.fields.filter((field) => field.tag !== null);
  const statements = plain.map((field) => writeField(message, struct, field));
  const flexible = condition(message.flexible, struct.versions);
  if (flexible !== "false") {
    if (tagged.length === 0) statements.push(guarded(flexible, "writer.uvarint(0);"));
    else statements.push(writeTags(message, struct, tagged, flexible));
  }
  return `${head} {\n${statements.join("\n")}\n}\n`;
}

function writeField(message: Message, struct: Struct, field: Field): string {
  const where = `"${interfaceName(message, struct)}.${field.name}", version`;
  const present = condition(field.versions, struct.versions);
  if (present === "true") return writeStatement(field, inputExpression(field), where);
  const local = localOf(field);
  if (field.isIgnorable) return guarded(present, writeStatement(field, inputExpression(field), where));
  return `${declare(field, local)}
if (${present}) {
${writeStatement(field, local, where)}
} else if (${negate(isDefaultExpression(field, local))}) {
throw fieldNotInVersion(${where});
}`;
}

function localOf(field: Field): string {
  return takenNames.has(field.name) ? `${field.name}Value` : field.name;
}

function declare(field: Field, local: string): string {
  return `const ${local} = ${inputExpression(field).replace(/^\((.*)\)$/, "$1")};`;
}

function negate(test: string): string {
  const equality = /^([\w.]+) === ([^&|]+)$/.exec(test);
  if (/^\w+\(\w+\)$/.test(test)) return `!${test}`;
  return equality === null ? `!(${test})` : `${equality[1]} !== ${equality[2]}`;
}

/** Writes a field where the version has it. `value` is an expression. */
function writeStatement(field: Field, value: string, where: string): string {
  const flexible = condition(field.flexible, field.versions);
  const nullable = condition(field.nullable, field.versions);
  const bare = value.replace(/^\((.*)\)$/, "$1");
  if (nullable === "false") return plainStatement(field.type, bare, flexible);
  if (nullable === "true") return nullableStatement(field.type, bare, flexible);
  return `if (${nullable}) {
${nullableStatement(field.type, bare, flexible)}
} else {
${plainStatement(field.type, `notNull(${bare}, ${where})`, flexible)}
}`;
}

function plainStatement(type: FieldType, value: string, flexible: string): string {
  if (type.kind === "array") {
    const helper = arrayHelper("write", type.element, false);
    return `${helper}(writer, ${value}, ${type.element.kind === "struct" ? "version" : flexible});`;
  }
  if (type.kind === "struct") return `write${type.struct.name}(writer, ${value}, version);`;
  switch (type.name) {
    case "string":
    case "records":
      return `writer.${type.name}(${value}, ${flexible});`;
    case "bytes":
      return `writer.bytesField(${value}, ${flexible});`;
    case "int64":
      return `writer.${int64Method(type).replace("Saturating", "")}(${value});`;
    default:
      return `writer.${type.name}(${value});`;
  }
}

function nullableStatement(type: FieldType, value: string, flexible: string): string {
  if (type.kind === "array") {
    const helper = arrayHelper("write", type.element, true);
    return `${helper}(writer, ${value}, ${type.element.kind === "struct" ? "version" : flexible});`;
  }
  if (type.kind === "struct") return `writeNullable${type.struct.name}(writer, ${value}, version);`;
  switch (type.name) {
    case "string":
      return `writer.nullableString(${value}, ${flexible});`;
    case "records":
      return `writer.nullableRecords(${value}, ${flexible});`;
    case "bytes":
      return `writer.nullableBytesField(${value}, ${flexible});`;
    default:
      throw new Error(`a nullable ${type.name}`);
  }
}

/** Tagged fields are written only where they are not at their default, after a count of those. */
function writeTags(message: Message, struct: Struct, tagged: readonly Field[], flexible: string): string {
  const ordered = [...tagged].sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0));
  const context = intersect(message.flexible, struct.versions);
  const before: string[] = [];
  const counts: string[] = [];
  const writes: string[] = [];
  for (const field of ordered) {
    const local = localOf(field);
    const has = `has${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
    const present = condition(field.versions, context);
    const where = `"${interfaceName(message, struct)}.${field.name}", version`;
    before.push(declare(field, local), `const ${has} = ${negate(isDefaultExpression(field, local))};`);
    const absent = negatedCondition(field.versions, struct.versions);
    if (!field.isIgnorable && absent !== "false") {
      before.push(`if (${has} && ${absent}) throw fieldNotInVersion(${where});`);
    }
    const test = present === "true" ? has : `${has} && ${present}`;
    counts.push(`(${test} ? 1 : 0)`);
    writes.push(`if (${test}) {
const start = writer.beginTag(${field.tag});
${writeStatement(field, local, where)}
writer.endTag(start);
}`);
  }
  const body = `writer.uvarint(${counts.join(" + ")});\n${writes.join("\n")}`;
  return `${before.join("\n")}\n${guarded(flexible, body)}`;
}

/** The function that writes an array of one struct. */
export function emitWriteArray(
  message: Message,
  struct: Struct,
  flexible: string,
  isNullable: boolean,
): string {
  const name = interfaceName(message, struct);
  const plain = arrayHelper("write", { kind: "struct", struct }, false);
  if (isNullable) {
    const nullable = arrayHelper("write", { kind: "struct", struct }, true);
    return `function ${nullable}(writer: Writer, items: readonly ${name}Input[] | null, version: number): void {
if (items === null) writer.nullLength(${flexible});
else ${plain}(writer, items, version);
}
`;
  }
  return `function ${plain}(writer: Writer, items: readonly ${name}Input[], version: number): void {
writer.arrayLength(items.length, ${flexible});
for (const item of items) write${struct.name}(writer, item, version);
}
`;
}

/** The function that writes a struct that may be null. */
export function emitWriteNullable(message: Message, struct: Struct): string {
  const name = interfaceName(message, struct);
  if (isEmpty(struct.versions)) throw new Error(`${name} is in no version`);
  return `function writeNullable${struct.name}(writer: Writer, value: ${name}Input | null, version: number): void {
writer.presence(value !== null);
if (value !== null) write${struct.name}(writer, value, version);
}
`;
}
