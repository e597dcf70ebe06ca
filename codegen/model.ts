import type { VersionRange } from "./version_range.ts";

/** The types that are not made of others. */
export const primitives = [
  "bool",
  "int8",
  "int16",
  "uint16",
  "int32",
  "int64",
  "float64",
  "uuid",
  "string",
  "bytes",
  "records",
] as const;
export type Primitive = (typeof primitives)[number];

/** How an int64 shows in TypeScript; see int64_forms.ts. */
export type Int64Form = "safe" | "saturating" | "bigint";

export interface PrimitiveType {
  readonly kind: "primitive";
  readonly name: Primitive;
  /** Only of an int64 is it ever other than `safe`. */
  readonly int64: Int64Form;
}

export interface StructType {
  readonly kind: "struct";
  readonly struct: Struct;
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: PrimitiveType | StructType;
}

export type FieldType = PrimitiveType | StructType | ArrayType;

/** A default as the spec gives it, parsed: `empty` is the default of its type where the spec gives none. */
export type DefaultValue =
  | { readonly kind: "empty" }
  | { readonly kind: "null" }
  | { readonly kind: "value"; readonly value: string | boolean | number | bigint };

export interface Field {
  /** In camel case, as TypeScript has it. */
  readonly name: string;
  readonly type: FieldType;
  /** The versions that carry it, within those of the struct that it is in. */
  readonly versions: VersionRange;
  /** The versions in which it may be null. */
  readonly nullable: VersionRange;
  /** Of a tagged field, the tag. */
  readonly tag: number | null;
  readonly defaultValue: DefaultValue;
  /** Whether whoever encodes may leave it out. */
  readonly isOptional: boolean;
  /** Whether a value that is not the default may be dropped in a version that lacks the field. */
  readonly isIgnorable: boolean;
  /** The versions in which its length is compact. */
  readonly flexible: VersionRange;
}

export interface Struct {
  /** Kafka's name, for example `FetchPartition`. */
  readonly name: string;
  /** The versions of the message in which the struct can occur. */
  readonly versions: VersionRange;
  readonly fields: readonly Field[];
}

export interface Message {
  /** Kafka's name, for example `FetchRequest`. */
  readonly name: string;
  readonly type: "request" | "response" | "header" | "data";
  /** Of requests and responses. */
  readonly apiKey: number | null;
  readonly versions: VersionRange;
  readonly flexible: VersionRange;
  readonly latestVersionUnstable: boolean;
  /** The message itself, as a struct of the same name. */
  readonly root: Struct;
  /** Every struct under the root, each after those that it contains. */
  readonly structs: readonly Struct[];
}
