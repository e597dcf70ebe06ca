import type { Value } from "./random_message.ts";

/**
 * Compares what we decoded with Kafka's own JSON of the same message, name by name, so that two fields that were
 * taken for one another are told apart even where their bytes are alike. Kafka's JSON lacks what is at its default
 * or not in the version; those are not looked at. Returns the path of the first difference, or null.
 */
export function differenceFromJson(json: unknown, decoded: unknown, path = ""): string | null {
  if (Array.isArray(json)) {
    if (!Array.isArray(decoded) || decoded.length !== json.length) return `${path}: not ${json.length} items`;
    return first(
      json.map((item, index) => () => differenceFromJson(item, decoded[index], `${path}[${index}]`)),
    );
  }
  if (json !== null && typeof json === "object") {
    const keys = Object.keys(json);
    return first(keys.map((key) => () => fieldDifference(key, json as Value, decoded as Value, path)));
  }
  return isSame(json, decoded) ? null : `${path}: ${String(decoded)} instead of ${String(json)}`;
}

function fieldDifference(key: string, json: Value, decoded: Value, path: string): string | null {
  const sized = /^(\w+)SizeInBytes$/.exec(key)?.[1];
  if (sized !== undefined && decoded[sized] instanceof Uint8Array) {
    return decoded[sized].length === json[key] ? null : `${path}.${sized}: not ${String(json[key])} bytes`;
  }
  if (!(key in decoded)) return `${path}.${key}: missing`;
  return differenceFromJson(json[key], decoded[key], `${path}.${key}`);
}

function isSame(json: unknown, decoded: unknown): boolean {
  if (decoded instanceof Uint8Array) return decoded.toBase64() === json;
  // JSON.parse rounds what is beyond 2^53; the bytes were compared in full.
  if (typeof decoded === "bigint") return Number(decoded) === json;
  return decoded === json;
}

function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const difference = check();
    if (difference !== null) return difference;
  }
  return null;
}
