import { interfaceName } from "./names.ts";
import type { Field, FieldType, Message, Struct } from "./model.ts";
import { covers, describe, isEmpty } from "./version_range.ts";

/**
 * Whether what the encoder takes differs from what the decoder gives: something may be left out, or records may
 * come in pieces.
 */
function hasOwnInput(struct: Struct): boolean {
  return struct.fields.some((field) => field.isOptional || typeHasOwnInput(field.type));
}

function typeHasOwnInput(type: FieldType): boolean {
  if (type.kind === "array") return typeHasOwnInput(type.element);
  return type.kind === "struct" ? hasOwnInput(type.struct) : type.name === "records";
}

/** The interfaces of one struct: what decoding gives, and what encoding takes. */
export function emitTypes(message: Message, struct: Struct): string {
  const name = interfaceName(message, struct);
  const what = struct === message.root
    ? `/** ${message.name} as it is read: the fields of all its versions (${versionsText(message)}). */\n`
    : "";
  const fields = struct.fields.map((field) => emitField(message, struct, field, false));
  const decoded = `${what}export interface ${name} {\n${fields.join("\n")}\n}\n`;
  if (!hasOwnInput(struct)) return `${decoded}\nexport type ${name}Input = ${name};\n`;
  const inputs = struct.fields.map((field) => emitField(message, struct, field, true));
  return `${decoded}\nexport interface ${name}Input {\n${inputs.join("\n")}\n}\n`;
}

function emitField(message: Message, struct: Struct, field: Field, isInput: boolean): string {
  const mark = isInput && field.isOptional ? "?" : "";
  const orNull = isEmpty(field.nullable) ? "" : " | null";
  const partly = !isInput && !covers(field.versions, struct.versions);
  const comment = partly ? `/** ${describe(field.versions, message.versions)}. */ ` : "";
  return `${comment}readonly ${field.name}${mark}: ${emitType(message, field.type, isInput)}${orNull};`;
}

function emitType(message: Message, type: FieldType, isInput: boolean): string {
  if (type.kind === "array") return `readonly ${emitType(message, type.element, isInput)}[]`;
  if (type.kind === "struct") return interfaceName(message, type.struct) + (isInput ? "Input" : "");
  switch (type.name) {
    case "bool":
      return "boolean";
    case "string":
    case "uuid":
      return "string";
    case "bytes":
      return "Uint8Array";
    case "records":
      return isInput ? "Pieces" : "Uint8Array";
    case "int64":
      return type.int64 === "bigint" ? "bigint" : "number";
    default:
      return "number";
  }
}

function versionsText({ versions: { min, max } }: Message): string {
  return min === max ? `${min}` : `${min}-${max}`;
}
