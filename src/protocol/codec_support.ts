/** What the generated codecs have in common: arrays of primitives, shared defaults, and two ways to fail. */
import { ProtocolError } from "./protocol_error.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export { zeroUuid } from "./string_cache.ts";

/** The value of an array field that a message leaves out. */
export const emptyArray: readonly never[] = Object.freeze([]);

/** The value of a bytes field that a message leaves out. */
export const emptyBytes: Uint8Array = new Uint8Array(0);

/**
 * An array for `count` elements that are about to be read in order. A large one grows as they come, so that memory
 * follows what is there and not what is announced.
 */
export function arrayFor<T>(count: number): T[] {
  return count <= 1024 ? new Array<T>(count) : [];
}

/** A field that is not at its default where the version cannot carry it. */
export function fieldNotInVersion(field: string, version: number): ProtocolError {
  return new ProtocolError(`${field} is set, but version ${version} does not have it`);
}

/** A tagged field in a version that does not know its tag. */
export function tagNotInVersion(field: string, version: number): ProtocolError {
  return new ProtocolError(`${field} is sent, but version ${version} does not have it`);
}

/** `value`, which must not be null where the version does not allow that. */
export function notNull<T>(value: T | null, field: string, version: number): T {
  if (value === null) throw new ProtocolError(`${field} is null, which version ${version} does not allow`);
  return value;
}

export function readInt8Array(reader: Reader, flexible: boolean): readonly number[] {
  const count = reader.arrayLength(flexible, 1);
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int8();
  return items;
}

export function readNullableInt8Array(reader: Reader, flexible: boolean): readonly number[] | null {
  const count = reader.nullableArrayLength(flexible, 1);
  if (count < 0) return null;
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int8();
  return items;
}

export function writeInt8Array(writer: Writer, items: readonly number[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.int8(item);
}

export function writeNullableInt8Array(
  writer: Writer,
  items: readonly number[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeInt8Array(writer, items, flexible);
}

export function readInt16Array(reader: Reader, flexible: boolean): readonly number[] {
  const count = reader.arrayLength(flexible, 2);
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int16();
  return items;
}

export function readNullableInt16Array(reader: Reader, flexible: boolean): readonly number[] | null {
  const count = reader.nullableArrayLength(flexible, 2);
  if (count < 0) return null;
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int16();
  return items;
}

export function writeInt16Array(writer: Writer, items: readonly number[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.int16(item);
}

export function writeNullableInt16Array(
  writer: Writer,
  items: readonly number[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeInt16Array(writer, items, flexible);
}

export function readInt32Array(reader: Reader, flexible: boolean): readonly number[] {
  const count = reader.arrayLength(flexible, 4);
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int32();
  return items;
}

export function readNullableInt32Array(reader: Reader, flexible: boolean): readonly number[] | null {
  const count = reader.nullableArrayLength(flexible, 4);
  if (count < 0) return null;
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int32();
  return items;
}

export function writeInt32Array(writer: Writer, items: readonly number[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.int32(item);
}

export function writeNullableInt32Array(
  writer: Writer,
  items: readonly number[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeInt32Array(writer, items, flexible);
}

export function readInt64Array(reader: Reader, flexible: boolean): readonly number[] {
  const count = reader.arrayLength(flexible, 8);
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int64();
  return items;
}

export function readNullableInt64Array(reader: Reader, flexible: boolean): readonly number[] | null {
  const count = reader.nullableArrayLength(flexible, 8);
  if (count < 0) return null;
  const items = arrayFor<number>(count);
  for (let index = 0; index < count; index++) items[index] = reader.int64();
  return items;
}

export function writeInt64Array(writer: Writer, items: readonly number[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.int64(item);
}

export function writeNullableInt64Array(
  writer: Writer,
  items: readonly number[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeInt64Array(writer, items, flexible);
}

export function readStringArray(reader: Reader, flexible: boolean): readonly string[] {
  const count = reader.arrayLength(flexible, flexible ? 1 : 2);
  const items = arrayFor<string>(count);
  for (let index = 0; index < count; index++) items[index] = reader.string(flexible);
  return items;
}

export function readNullableStringArray(reader: Reader, flexible: boolean): readonly string[] | null {
  const count = reader.nullableArrayLength(flexible, flexible ? 1 : 2);
  if (count < 0) return null;
  const items = arrayFor<string>(count);
  for (let index = 0; index < count; index++) items[index] = reader.string(flexible);
  return items;
}

export function writeStringArray(writer: Writer, items: readonly string[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.string(item, flexible);
}

export function writeNullableStringArray(
  writer: Writer,
  items: readonly string[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeStringArray(writer, items, flexible);
}

export function readUuidArray(reader: Reader, flexible: boolean): readonly string[] {
  const count = reader.arrayLength(flexible, 16);
  const items = arrayFor<string>(count);
  for (let index = 0; index < count; index++) items[index] = reader.uuid();
  return items;
}

export function readNullableUuidArray(reader: Reader, flexible: boolean): readonly string[] | null {
  const count = reader.nullableArrayLength(flexible, 16);
  if (count < 0) return null;
  const items = arrayFor<string>(count);
  for (let index = 0; index < count; index++) items[index] = reader.uuid();
  return items;
}

export function writeUuidArray(writer: Writer, items: readonly string[], flexible: boolean): void {
  writer.arrayLength(items.length, flexible);
  for (const item of items) writer.uuid(item);
}

export function writeNullableUuidArray(
  writer: Writer,
  items: readonly string[] | null,
  flexible: boolean,
): void {
  if (items === null) writer.nullLength(flexible);
  else writeUuidArray(writer, items, flexible);
}
