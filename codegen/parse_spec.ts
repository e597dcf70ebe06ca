import type {
  DefaultValue,
  Field,
  FieldType,
  Int64Form,
  Message,
  Primitive,
  Struct,
  StructType,
} from "./model.ts";
import { primitives } from "./model.ts";
import {
  covers,
  hull,
  intersect,
  isEmpty,
  noVersions,
  parseVersionRange,
  type VersionRange,
} from "./version_range.ts";

type Json = Readonly<Record<string, unknown>>;

const messageKeys = new Set([
  "apiKey",
  "type",
  "listeners",
  "name",
  "validVersions",
  "latestVersionUnstable",
  "flexibleVersions",
  "commonStructs",
  "fields",
]);
const structKeys = new Set(["name", "versions", "fields"]);
const fieldKeys = new Set([
  "name",
  "type",
  "versions",
  "nullableVersions",
  "taggedVersions",
  "tag",
  "flexibleVersions",
  "default",
  "ignorable",
  "entityType",
  "mapKey",
  "zeroCopy",
  "fields",
]);
const messageTypes = ["request", "response", "header", "data"] as const;
const integerBits: Readonly<Record<string, number>> = {
  int8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  int64: 64,
};

/**
 * Parses one message spec. Returns null for a message that has no versions left.
 * Throws, naming the field, on anything that it does not know: a codec from a spec half understood would be wrong.
 *
 * `int64Forms` is the table of the int64 fields that are no plain safe integer.
 */
export function parseSpec(
  json: unknown,
  int64Forms: Readonly<Record<string, Int64Form>> = {},
): Message | null {
  return new SpecParser(int64Forms).parse(json);
}

/** A struct while it is being parsed: the versions of a common struct grow with every field that uses it. */
interface StructDraft {
  readonly name: string;
  readonly json: readonly unknown[];
  versions: VersionRange;
  struct: Struct | null;
}

class SpecParser {
  readonly #int64Forms: Readonly<Record<string, Int64Form>>;
  readonly #common = new Map<string, StructDraft>();
  readonly #structs: Struct[] = [];
  readonly #formsUsed = new Set<string>();
  #message = "";
  #flexible: VersionRange = noVersions;

  constructor(int64Forms: Readonly<Record<string, Int64Form>>) {
    this.#int64Forms = int64Forms;
  }

  parse(json: unknown): Message | null {
    const spec = object(json, "a spec");
    const name = text(spec, "name", "a spec");
    this.#message = name;
    checkKeys(spec, messageKeys, name);
    const versions = parseVersionRange(text(spec, "validVersions", name));
    if (isEmpty(versions)) return null;
    if (versions.max === Infinity) throw new Error(`${name}: validVersions is open`);
    const type = messageTypes.find((known) => known === spec["type"]);
    if (type === undefined) throw new Error(`${name}: unknown message type ${JSON.stringify(spec["type"])}`);
    const apiKey = spec["apiKey"] ?? null;
    const hasApiKey = type === "request" || type === "response";
    if (hasApiKey ? typeof apiKey !== "number" : apiKey !== null) throw new Error(`${name}: wrong apiKey`);
    this.#flexible = intersect(parseVersionRange(text(spec, "flexibleVersions", name)), versions);
    this.#readCommonStructs(spec, versions);
    const root = this.#struct(name, list(spec, "fields", name), versions, [name]);
    for (const path of Object.keys(this.#int64Forms)) {
      if (path.startsWith(`${name}.`) && !this.#formsUsed.has(path)) {
        throw new Error(`there is no field ${path}`);
      }
    }
    return {
      name,
      type,
      apiKey: typeof apiKey === "number" ? apiKey : null,
      versions,
      flexible: this.#flexible,
      latestVersionUnstable: spec["latestVersionUnstable"] === true,
      root,
      structs: this.#structs.filter((struct) => struct !== root),
    };
  }

  /** A common struct can be used by several fields, so which versions it sees is known before it is parsed. */
  #readCommonStructs(spec: Json, versions: VersionRange): void {
    for (const item of list(spec, "commonStructs", this.#message, [])) {
      const json = object(item, this.#message);
      const name = text(json, "name", this.#message);
      checkKeys(json, structKeys, `${this.#message}.${name}`);
      if (this.#common.has(name)) throw new Error(`${this.#message}: two common structs ${name}`);
      this.#common.set(name, { name, json: list(json, "fields", name), versions: noVersions, struct: null });
    }
    const visit = (fields: readonly unknown[], context: VersionRange) => {
      for (const item of fields) {
        const field = object(item, this.#message);
        const range = intersect(parseVersionRange(text(field, "versions", this.#message)), context);
        const draft = this.#common.get(String(field["type"]).replace(/^\[\]/, ""));
        if (draft !== undefined && !covers(draft.versions, range)) {
          draft.versions = hull(draft.versions, range);
          visit(draft.json, draft.versions);
        }
        visit(list(field, "fields", this.#message, []), range);
      }
    };
    visit(list(spec, "fields", this.#message), versions);
  }

  #struct(name: string, fields: readonly unknown[], versions: VersionRange, path: readonly string[]): Struct {
    const parsed = fields.map((field) => this.#field(object(field, path.join(".")), versions, path));
    const struct = { name, versions, fields: parsed.filter((field) => !isEmpty(field.versions)) };
    checkTags(struct.fields, path);
    if (this.#structs.some((other) => other.name === name)) {
      throw new Error(`${path.join(".")}: two structs have the name ${name}`);
    }
    this.#structs.push(struct);
    return struct;
  }

  #field(json: Json, context: VersionRange, parents: readonly string[]): Field {
    const name = lowerFirst(text(json, "name", parents.join(".")));
    const path = [...parents, name];
    const where = path.join(".");
    checkKeys(json, fieldKeys, where);
    const versions = intersect(parseVersionRange(text(json, "versions", where)), context);
    const typeName = text(json, "type", where);
    const type = this.#type(typeName, json, versions, path);
    const nullable = intersect(parseVersionRange(text(json, "nullableVersions", where, "none")), versions);
    const isTagged = json["tag"] !== undefined;
    if (isTagged) this.#checkTagged(json, versions, where);
    const flexibleText = text(json, "flexibleVersions", where, "");
    const flexible = flexibleText === "" ? this.#flexible : parseVersionRange(flexibleText);
    const defaultValue = parseDefault(json["default"], type, nullable, where);
    return {
      name,
      type,
      versions,
      nullable,
      tag: isTagged ? integer(json["tag"], where) : null,
      defaultValue,
      isOptional: isTagged || json["ignorable"] === true || defaultValue.kind !== "empty",
      isIgnorable: json["ignorable"] === true,
      flexible: intersect(flexible, versions),
    };
  }

  #checkTagged(json: Json, versions: VersionRange, where: string): void {
    const tagged = parseVersionRange(text(json, "taggedVersions", where));
    if (!covers(tagged, versions)) throw new Error(`${where}: tagged in some of its versions only`);
    if (!covers(this.#flexible, versions)) throw new Error(`${where}: tagged in a version that has no tags`);
  }

  #type(name: string, json: Json, versions: VersionRange, path: readonly string[]): FieldType {
    if (name.startsWith("[]")) {
      const element = this.#type(name.slice(2), json, versions, path);
      if (element.kind === "array") throw new Error(`${path.join(".")}: an array of arrays`);
      return { kind: "array", element };
    }
    const primitive = primitives.find((known) => known === name);
    if (primitive === undefined) return this.#structType(name, json, versions, path);
    if (json["fields"] !== undefined) throw new Error(`${path.join(".")}: ${name} has no fields`);
    return { kind: "primitive", name: primitive, int64: this.#int64Form(primitive, path) };
  }

  #int64Form(primitive: Primitive, path: readonly string[]): Int64Form {
    const form = this.#int64Forms[path.join(".")];
    if (form !== undefined) this.#formsUsed.add(path.join("."));
    if (form !== undefined && primitive !== "int64") throw new Error(`${path.join(".")} is no int64`);
    return form ?? "safe";
  }

  #structType(name: string, json: Json, versions: VersionRange, path: readonly string[]): StructType {
    const where = path.join(".");
    if (!/^[A-Z]\w*$/.test(name)) throw new Error(`${where}: unknown field type ${JSON.stringify(name)}`);
    const common = this.#common.get(name);
    if (json["fields"] !== undefined) {
      if (common !== undefined) {
        throw new Error(`${where}: ${name} is a common struct, yet it has fields here`);
      }
      return { kind: "struct", struct: this.#struct(name, list(json, "fields", where), versions, path) };
    }
    if (common === undefined) throw new Error(`${where}: unknown field type ${JSON.stringify(name)}`);
    common.struct ??= this.#struct(name, common.json, common.versions, [this.#message, name]);
    return { kind: "struct", struct: common.struct };
  }
}

function parseDefault(given: unknown, type: FieldType, nullable: VersionRange, where: string): DefaultValue {
  if (given === undefined) return { kind: "empty" };
  const written = String(given);
  if (written === "null" && isEmpty(nullable)) {
    throw new Error(`${where}: the default is null, but it is never nullable`);
  }
  if (written === "null") return { kind: "null" };
  if (type.kind !== "primitive") throw new Error(`${where}: cannot have the default ${written}`);
  return { kind: "value", value: parseDefaultValue(written, type.name, type.int64, where) };
}

function parseDefaultValue(
  written: string,
  type: Primitive,
  int64: Int64Form,
  where: string,
): string | boolean | number | bigint {
  if (type === "string") return written;
  if (type === "bool" && (written === "true" || written === "false")) return written === "true";
  if (type === "float64" && written !== "" && Number.isFinite(Number(written))) return Number(written);
  const bits = integerBits[type];
  if (bits === undefined || !/^(-?\d+|0x[0-9a-f]+)$/i.test(written)) {
    throw new Error(`${where}: ${JSON.stringify(written)} is no default for ${type}`);
  }
  const value = BigInt(written);
  const fits = type === "uint16" ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  if (fits !== value) throw new Error(`${where}: the default ${written} is no ${type}`);
  if (int64 === "bigint") return value;
  if (!Number.isSafeInteger(Number(value))) {
    throw new Error(`${where}: the default ${written} needs a bigint`);
  }
  return Number(value);
}

/** Tags are written in ascending order and must not be used twice. */
function checkTags(fields: readonly Field[], path: readonly string[]): void {
  const tags = fields.flatMap((field) => field.tag === null ? [] : [field.tag]).sort((a, b) => a - b);
  tags.forEach((tag, index) => {
    if (tag !== index) throw new Error(`${path.join(".")}: tags are not 0, 1, 2 and so on`);
  });
}

function checkKeys(json: Json, known: ReadonlySet<string>, where: string): void {
  for (const key of Object.keys(json)) {
    if (!known.has(key)) throw new Error(`${where}: unknown key ${JSON.stringify(key)}`);
  }
}

function object(value: unknown, where: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where}: expected an object`);
  }
  return value as Json;
}

function list(json: Json, key: string, where: string, otherwise?: readonly unknown[]): readonly unknown[] {
  const value = json[key] ?? otherwise;
  if (!Array.isArray(value)) throw new Error(`${where}: ${key} is not a list`);
  return value;
}

function text(json: Json, key: string, where: string, otherwise?: string): string {
  const value = json[key] ?? otherwise;
  if (typeof value !== "string") throw new Error(`${where}: ${key} is not a string`);
  return value;
}

function integer(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw new Error(`${where}: expected an integer`);
  return value;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
