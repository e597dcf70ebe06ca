import type { PrimitiveType, StructType } from "./model.ts";

const arrayPrimitives: Readonly<Record<string, string>> = {
  int8: "Int8",
  int16: "Int16",
  int32: "Int32",
  int64: "Int64",
  string: "String",
  uuid: "Uuid",
};

/** The function that reads or writes an array: of a struct one that is generated, else one of codec_support.ts. */
export function arrayHelper(
  verb: "read" | "write",
  element: PrimitiveType | StructType,
  isNullable: boolean,
): string {
  const nullable = isNullable ? "Nullable" : "";
  if (element.kind === "struct") return `${verb}${nullable}${element.struct.name}Array`;
  const name = arrayPrimitives[element.name];
  if (name === undefined || element.int64 !== "safe") throw new Error(`no array of ${element.name} is known`);
  return `${verb}${nullable}${name}Array`;
}

/** The method of Reader and of Writer for an int64. Writing, a saturating field is like any other. */
export function int64Method(type: PrimitiveType): string {
  if (type.int64 === "safe") return "int64";
  return type.int64 === "bigint" ? "int64Bigint" : "int64Saturating";
}

/** Statements that run when a condition of condition() holds. */
export function guarded(when: string, statements: string): string {
  if (when === "true") return statements;
  if (when === "false") return "";
  const isSimple = !statements.includes("\n") && /^[\w.]+\(.*\);$/.test(statements);
  return isSimple ? `if (${when}) ${statements}` : `if (${when}) {\n${statements}\n}`;
}
