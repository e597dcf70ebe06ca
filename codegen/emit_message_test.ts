import assert from "node:assert/strict";
import type { MessageCodec } from "../src/protocol/codec.ts";
import { ProtocolError } from "../src/protocol/protocol_error.ts";
import { Reader } from "../src/protocol/reader.ts";
import { Writer } from "../src/protocol/writer.ts";
import { emitMessage } from "./emit_message.ts";
import type { Message } from "./model.ts";
import { parseSpec } from "./parse_spec.ts";

/** A message with one of everything that the spec language has. */
const everything = {
  apiKey: 99,
  type: "request",
  name: "SampleRequest",
  validVersions: "1-4",
  flexibleVersions: "3+",
  commonStructs: [
    { name: "Pair", versions: "0+", fields: [{ name: "Left", type: "int8", versions: "0+" }] },
  ],
  fields: [
    { name: "Flag", type: "bool", versions: "0+" },
    { name: "Port", type: "uint16", versions: "0+", default: "0x1f90" },
    { name: "Ratio", type: "float64", versions: "2", ignorable: true, default: "0.5" },
    { name: "Title", type: "string", versions: "0+", nullableVersions: "2+" },
    { name: "Legacy", type: "string", versions: "0-2", nullableVersions: "0-2", default: "null" },
    { name: "Payload", type: "bytes", versions: "2-3", nullableVersions: "3+" },
    { name: "Records", type: "records", versions: "0+", nullableVersions: "0+" },
    { name: "Pairs", type: "[]Pair", versions: "0+", nullableVersions: "3+" },
    { name: "Best", type: "Pair", versions: "3+", nullableVersions: "4+", default: "null" },
    {
      name: "Groups",
      type: "[]Group",
      versions: "0+",
      fields: [{ name: "Numbers", type: "[]int32", versions: "0+", nullableVersions: "0+" }],
    },
    { name: "Fixed", type: "string", versions: "0+", flexibleVersions: "none" },
    {
      name: "Far",
      type: "int64",
      versions: "3+",
      tag: 1,
      taggedVersions: "3+",
      default: "9223372036854775807",
    },
    { name: "Note", type: "string", versions: "4+", tag: 0, taggedVersions: "4+", ignorable: true },
    {
      name: "Extra",
      type: "Extra",
      versions: "3+",
      tag: 2,
      taggedVersions: "3+",
      fields: [{ name: "Id", type: "uuid", versions: "3+" }, { name: "On", type: "bool", versions: "4+" }],
    },
  ],
};

const plain = {
  flag: true,
  title: "t",
  records: new Uint8Array([9]),
  pairs: [{ left: -1 }],
  groups: [{ numbers: [5] }, { numbers: null }],
  fixed: "x",
  best: { left: 3 },
  payload: new Uint8Array(0),
};
const noExtra = { id: "AAAAAAAAAAAAAAAAAAAAAA", on: false };
const absent = {
  port: 8080,
  ratio: 0.5,
  legacy: null,
  far: 9223372036854775807n,
  note: "",
  extra: noExtra,
};

function parse(): Message {
  const message = parseSpec(everything, { "SampleRequest.far": "bigint" });
  assert.ok(message !== null);
  return message;
}

/** Loads generated code as a module of its own. */
async function load(): Promise<MessageCodec<unknown>> {
  const code = emitMessage(parse()).replace(
    /"\.\.\/(\w+\.ts)"/g,
    (_, file) => JSON.stringify(import.meta.resolve(`../src/protocol/${file}`)),
  );
  const module = await import(`data:application/typescript,${encodeURIComponent(code)}`);
  return module.sampleRequest;
}

async function roundTrip(version: number, value: unknown): Promise<unknown> {
  const codec = await load();
  const writer = new Writer();
  codec.encode(writer, value, version);
  const reader = new Reader().reset(writer.bytes());
  const decoded = codec.decode(reader, version);
  assert.equal(reader.remaining, 0);
  return decoded;
}

Deno.test("a generated codec tells what there is to know of its message", async () => {
  const codec = await load();
  assert.deepEqual(
    [codec.name, codec.type, codec.apiKey, codec.minVersion, codec.maxVersion, codec.flexibleFrom],
    ["SampleRequest", "request", 99, 1, 4, 3],
  );
  assert.deepEqual([1, 2, 3, 4].map((version) => codec.headerVersion(version)), [1, 1, 2, 2]);
});

Deno.test("fields that a version lacks are decoded as their defaults, always in the spec's order", async () => {
  const decoded = await roundTrip(1, { ...plain, best: null });
  assert.deepEqual(decoded, { ...absent, ...plain, best: null });
  assert.deepEqual(
    Object.keys(decoded ?? {}),
    parse().root.fields.map((field) => field.name),
  );
});

Deno.test("tagged fields are read back, and cost nothing at their default", async () => {
  const tagged = { far: -2n, note: "hi", extra: { id: "zzzzzzzzzzzzzzzzzzzzzA", on: true } };
  const full = { ...plain, ...tagged };
  assert.deepEqual(await roundTrip(4, full), { ...absent, ...full });
  const codec = await load();
  const [withDefaults, without] = [{ ...plain, far: absent.far, note: "", extra: noExtra }, plain].map(
    (value) => {
      const writer = new Writer();
      codec.encode(writer, value, 4);
      return writer.bytes();
    },
  );
  assert.deepEqual(withDefaults, without);
});

Deno.test("null is allowed in some versions and refused in others", async () => {
  const nulls = { ...plain, title: null, records: null, pairs: null, best: null };
  assert.deepEqual(await roundTrip(4, nulls), { ...absent, ...nulls });
  assert.deepEqual(await roundTrip(3, { ...plain, payload: null }), { ...absent, ...plain, payload: null });
  await assert.rejects(roundTrip(1, { ...plain, best: null, title: null }), ProtocolError);
  await assert.rejects(roundTrip(2, { ...plain, best: null, pairs: null }), ProtocolError);
  await assert.rejects(roundTrip(2, { ...plain, best: null, payload: null }), ProtocolError);
});

Deno.test("a field that its version lacks must be at its default, unless it may be ignored", async () => {
  await assert.rejects(roundTrip(4, { ...plain, legacy: "old" }), ProtocolError);
  await assert.rejects(roundTrip(1, { ...plain, best: { left: 1 } }), ProtocolError);
  await assert.rejects(roundTrip(1, { ...plain, best: null, far: 1n }), ProtocolError);
  const ignored = await roundTrip(3, { ...plain, ratio: 7, note: "dropped" });
  assert.deepEqual(ignored, { ...absent, ...plain });
});

Deno.test("an unknown tagged field is passed over, a known one of another version is refused", async () => {
  const codec = await load();
  const writer = new Writer();
  codec.encode(writer, plain, 3);
  const head = writer.bytes().slice(0, -1);
  const decode = (tags: number[]) => {
    const reader = new Reader().reset(new Uint8Array([...head, ...tags]));
    return codec.decode(reader, 3);
  };
  assert.deepEqual(decode([1, 9, 2, 0xff, 0xff]), decode([0]));
  assert.throws(() => decode([1, 0, 1, 1]), ProtocolError);
  assert.throws(() => decode([1, 9, 3, 0xff, 0xff]), ProtocolError);
});
