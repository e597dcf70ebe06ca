import type { Field, FieldType, Message, Struct } from "./model.ts";
import { includes, versionsOf } from "./version_range.ts";

const fixedBytes: Readonly<Record<string, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** The least bytes that a struct takes in any version: what an array's count is checked against. */
export function minBytes(message: Message, struct: Struct): number {
  return Math.min(...versionsOf(struct.versions).map((version) => structBytes(message, struct, version)));
}

function structBytes(message: Message, struct: Struct, version: number): number {
  const tagCount = includes(message.flexible, version) ? 1 : 0;
  return struct.fields
    .filter((field) => field.tag === null && includes(field.versions, version))
    .reduce((sum, field) => sum + fieldBytes(message, field, version), tagCount);
}

function fieldBytes(message: Message, field: Field, version: number): number {
  if (field.type.kind === "struct" && includes(field.nullable, version)) return 1;
  return typeBytes(message, field.type, includes(field.flexible, version), version);
}

function typeBytes(message: Message, type: FieldType, isFlexible: boolean, version: number): number {
  if (type.kind === "struct") return structBytes(message, type.struct, version);
  if (type.kind === "array") return isFlexible ? 1 : 4;
  if (type.name === "string") return isFlexible ? 1 : 2;
  return fixedBytes[type.name] ?? (isFlexible ? 1 : 4);
}
