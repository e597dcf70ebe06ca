/** Requests that say they hold more than they do, ask for more than there can be, or are not the text they claim. */
import { ApiKey, type Writer } from "../../src/protocol/mod.ts";
import { createPartitionsRequest } from "../../src/protocol/generated/create_partitions_request.ts";
import { createTopicsRequest } from "../../src/protocol/generated/create_topics_request.ts";
import type { TopicRef } from "../support/requests.ts";
import { type FrameHead, frameOf, requestFrame } from "./frames.ts";

const INT32_MAX = 2 ** 31 - 1;
const UINT32_MAX = 2 ** 32 - 1;
/** Behind a count that lies: what is there must not be taken for what was announced. */
const PADDING = new Uint8Array(100_000);

/** Bytes that are no UTF-8: alone, cut, overlong, surrogates, and as many as a string can have. */
const NO_TEXTS: readonly Uint8Array[] = [
  Uint8Array.of(0xff),
  Uint8Array.of(0x61, 0x80, 0x62),
  Uint8Array.of(0xe2, 0x82),
  Uint8Array.of(0xc0, 0xaf),
  Uint8Array.of(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80),
  Uint8Array.of(0x00),
  new Uint8Array(200).fill(0xfe),
  new Uint8Array(32_767).fill(0xff),
];

/** The frames of all such requests. */
export function lyingRequests(topic: TopicRef): Uint8Array<ArrayBuffer>[] {
  return [...lyingCounts(), ...hugeWishes(topic), ...NO_TEXTS.flatMap(noText)];
}

/** Arrays, strings and tagged fields of sizes that no request can hold. */
function lyingCounts(): Uint8Array<ArrayBuffer>[] {
  const old = (apiKey: number, version: number): FrameHead => ({ apiKey, version, headerVersion: 1 });
  const flexible = (apiKey: number, version: number): FrameHead => ({ apiKey, version, headerVersion: 2 });
  const { Produce, Fetch, ListOffsets, Metadata, ApiVersions, CreateTopics, DeleteTopics } = ApiKey;
  const frames: Uint8Array<ArrayBuffer>[] = [];
  const add = (head: FrameHead, ...numbers: ((writer: Writer) => void)[]) => {
    for (const padding of [new Uint8Array(0), PADDING]) {
      frames.push(frameOf(head, (writer) => {
        for (const number of numbers) number(writer);
        writer.raw(padding);
      }));
    }
  };
  const int32 = (value: number) => (writer: Writer) => writer.int32(value);
  const uvarint = (value: number) => (writer: Writer) => writer.uvarint(value);
  const bytes = (...values: readonly number[]) => (writer: Writer) => writer.raw(Uint8Array.from(values));
  for (const count of [INT32_MAX, INT32_MAX - 1, 2 ** 24, -(2 ** 31)]) {
    add(old(Metadata, 1), int32(count));
    add(old(DeleteTopics, 1), int32(count));
    add(old(CreateTopics, 2), int32(count));
    add(old(ListOffsets, 1), int32(-1), int32(count));
    add(old(Produce, 3), bytes(0xff, 0xff, 0xff, 0xff), int32(1000), int32(count));
    add(old(Fetch, 4), int32(-1), int32(0), int32(1), int32(INT32_MAX), bytes(0), int32(count));
  }
  for (const count of [UINT32_MAX, 2 ** 31, 2 ** 24]) {
    add(flexible(Metadata, 9), uvarint(count));
    add(flexible(CreateTopics, 5), uvarint(count));
    // A string, and the tagged fields behind two of them.
    add(flexible(ApiVersions, 3), uvarint(count));
    add(flexible(ApiVersions, 3), bytes(2, 0x61, 2, 0x62), uvarint(count));
    // One tagged field of that tag, and one of that size.
    add(flexible(ApiVersions, 3), bytes(2, 0x61, 2, 0x62, 1), uvarint(count), bytes(0));
    add(flexible(ApiVersions, 3), bytes(2, 0x61, 2, 0x62, 1, 0), uvarint(count));
    // The same in the header.
    add(old(ApiVersions, 3), uvarint(count));
    add(old(ApiVersions, 3), bytes(1, 0), uvarint(count));
  }
  // A varint of 2^32 and one that does not end.
  add(flexible(Metadata, 9), bytes(0x80, 0x80, 0x80, 0x80, 0x10));
  add(flexible(Metadata, 9), bytes(...new Array<number>(20).fill(0xff)));
  return frames;
}

/** More partitions than there can be. */
function hugeWishes({ name }: TopicRef): Uint8Array<ArrayBuffer>[] {
  const counts = [INT32_MAX, 2 ** 30, 1_000_000, -(2 ** 31)];
  return counts.flatMap((count) =>
    [true, false].flatMap((validateOnly) => [
      requestFrame(createTopicsRequest, 7, {
        topics: ["huge", "larger"].map((name) => ({
          name,
          numPartitions: count,
          replicationFactor: 1,
          assignments: [],
          configs: [],
        })),
        timeoutMs: 1000,
        validateOnly,
      }),
      requestFrame(createPartitionsRequest, 3, {
        topics: [{ name, count, assignments: null }],
        timeoutMs: 1000,
        validateOnly,
      }),
    ])
  );
}

/** Requests with `text` for a string: client ids, topics, keys, software names. */
function noText(text: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const string = (writer: Writer) => {
    writer.int16(text.length);
    writer.raw(text);
  };
  const compact = (writer: Writer) => {
    writer.uvarint(text.length + 1);
    writer.raw(text);
  };
  const { ListOffsets, Metadata, FindCoordinator, ApiVersions, CreateTopics, InitProducerId } = ApiKey;
  return [
    frameOf({ apiKey: Metadata, version: 4, headerVersion: 1 }, (writer) => {
      writer.int32(1);
      string(writer);
      writer.bool(true);
    }),
    frameOf({ apiKey: FindCoordinator, version: 0, headerVersion: 1 }, string),
    frameOf({ apiKey: InitProducerId, version: 0, headerVersion: 1 }, (writer) => {
      string(writer);
      writer.int32(1000);
    }),
    frameOf({ apiKey: ListOffsets, version: 1, headerVersion: 1 }, (writer) => {
      writer.int32(-1);
      writer.int32(1);
      string(writer);
      writer.int32(0);
    }),
    frameOf({ apiKey: CreateTopics, version: 2, headerVersion: 1 }, (writer) => {
      writer.int32(1);
      string(writer);
      writer.int32(1);
      writer.int16(1);
      writer.int32(0);
      writer.int32(1);
      string(writer);
      string(writer);
      writer.int32(1000);
      writer.bool(false);
    }),
    frameOf({ apiKey: ApiVersions, version: 3, headerVersion: 2 }, (writer) => {
      compact(writer);
      compact(writer);
      writer.uvarint(0);
    }),
  ];
}
