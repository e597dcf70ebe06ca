import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/**
 * What is known of a message that has versions of its own. `Value` is what decoding gives: every field of every
 * version, those that the version lacks at their default. `Input` is what encoding takes: fields with a default
 * may be left out.
 */
export interface DataCodec<Value, Input = Value> {
  /** Kafka's name for the message, for example `FetchRequest`. */
  readonly name: string;
  readonly type: "request" | "response" | "header" | "data";
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The first version with compact lengths and tagged fields (KIP-482); `Infinity` when none has them. */
  readonly flexibleFrom: number;
  /** @throws {ProtocolError} when the bytes are no such message. Bytes behind it are left unread. */
  decode(reader: Reader, version: number): Value;
  /** @throws {ProtocolError} when `value` holds what `version` cannot carry. */
  encode(writer: Writer, value: Input, version: number): void;
}

/** The codec of a request or a response. */
export interface MessageCodec<Value, Input = Value> extends DataCodec<Value, Input> {
  readonly type: "request" | "response";
  readonly apiKey: number;
  /** Whether `maxVersion` may still change, and so is not offered to clients. */
  readonly latestVersionUnstable: boolean;
  /** The version of the header that goes before the message. */
  headerVersion(version: number): number;
}

/** `Value` while it is being read: the fields named are set after the others. */
export type Mutable<Value, Names extends keyof Value> =
  & Omit<Value, Names>
  & { -readonly [Name in Names]: Value[Name] };
