import assert from "node:assert/strict";
import { parseSpec } from "./parse_spec.ts";

type Json = Record<string, unknown>;

function spec(fields: readonly Json[], more: Json = {}): Json {
  return {
    apiKey: 7,
    type: "request",
    name: "XRequest",
    validVersions: "1-5",
    flexibleVersions: "3+",
    fields,
    ...more,
  };
}

const count = { name: "Count", type: "int32", versions: "0+" };

Deno.test("the versions of a field are those that its message has left", () => {
  const message = parseSpec(spec([{ ...count, versions: "0-3" }, { ...count, name: "Gone", versions: "0" }]));
  assert.deepEqual(message?.root.fields.map(({ name, versions }) => ({ name, versions })), [
    { name: "count", versions: { min: 1, max: 3 } },
  ]);
});

Deno.test("a message without versions is no message", () => {
  assert.equal(parseSpec(spec([count], { validVersions: "none" })), null);
});

Deno.test("a common struct is parsed once, for the versions of all that use it", () => {
  const commonStructs = [{ name: "Pair", versions: "0+", fields: [count] }];
  const message = parseSpec(spec([
    { name: "Old", type: "[]Pair", versions: "0-1" },
    { name: "New", type: "Pair", versions: "4+" },
  ], { commonStructs }));
  assert.deepEqual(message?.structs.map(({ name, versions }) => ({ name, versions })), [
    { name: "Pair", versions: { min: 1, max: 5 } },
  ]);
});

Deno.test("structs come after those that they contain", () => {
  const inner = { name: "Inner", type: "[]Inner", versions: "0+", fields: [count] };
  const message = parseSpec(spec([{ name: "Outer", type: "[]Outer", versions: "0+", fields: [inner] }]));
  assert.deepEqual(message?.structs.map(({ name }) => name), ["Inner", "Outer"]);
});

Deno.test("defaults are read as values of the field's type", () => {
  const defaultOf = (field: Json) => {
    const message = parseSpec(spec([{ name: "F", versions: "0+", ...field }]));
    return message?.root.fields[0]?.defaultValue;
  };
  assert.deepEqual(defaultOf({ type: "int64", default: "-1" }), { kind: "value", value: -1 });
  assert.deepEqual(defaultOf({ type: "int64" }), { kind: "empty" });
  assert.deepEqual(defaultOf({ type: "int32", default: "0x7fffffff" }), { kind: "value", value: 2147483647 });
  assert.deepEqual(defaultOf({ type: "bool", default: "true" }), { kind: "value", value: true });
  assert.deepEqual(defaultOf({ type: "bool", default: false }), { kind: "value", value: false });
  assert.deepEqual(defaultOf({ type: "string", default: "null", nullableVersions: "0+" }), { kind: "null" });
});

Deno.test("an encoder may leave out what is tagged, ignorable or has a default", () => {
  const optional = (more: Json) => parseSpec(spec([{ ...count, ...more }]))?.root.fields[0]?.isOptional;
  assert.equal(optional({}), false);
  assert.equal(optional({ ignorable: true }), true);
  assert.equal(optional({ default: "0" }), true);
  assert.equal(optional({ versions: "3+", taggedVersions: "3+", tag: 0 }), true);
});

/** What each fault is, and what the message about it must name. */
const faults: readonly (readonly [what: string, json: Json, names: RegExp])[] = [
  ["an unknown type", spec([{ ...count, type: "int128" }]), /XRequest\.count.*int128/],
  ["an unknown struct", spec([{ ...count, type: "[]Pair" }]), /XRequest\.count.*Pair/],
  ["an unknown key of a field", spec([{ ...count, compressed: true }]), /XRequest\.count.*compressed/],
  ["an unknown key of a message", spec([count], { transport: "udp" }), /XRequest.*transport/],
  ["an unknown message type", spec([count], { type: "gossip" }), /XRequest.*gossip/],
  ["no API key", { ...spec([count]), apiKey: undefined }, /XRequest.*apiKey/],
  ["a header with an API key", spec([count], { type: "header" }), /XRequest.*apiKey/],
  ["open versions", spec([count], { validVersions: "1+" }), /XRequest.*open/],
  ["a malformed range", spec([{ ...count, versions: "1..2" }]), /1\.\.2/],
  ["arrays in arrays", spec([{ ...count, type: "[][]int32" }]), /array of arrays/],
  ["fields of a primitive", spec([{ ...count, fields: [] }]), /int32 has no fields/],
  ["a default that does not fit", spec([{ ...count, default: "2147483648" }]), /2147483648/],
  ["a default that is no number", spec([{ ...count, default: "many" }]), /many/],
  ["a default of an array", spec([{ ...count, type: "[]int32", default: "1" }]), /default 1/],
  ["null where it cannot be", spec([{ ...count, type: "string", default: "null" }]), /never nullable/],
  [
    "a default that needs a bigint",
    spec([{ ...count, type: "int64", default: "9223372036854775807" }]),
    /bigint/,
  ],
  ["a tag before there are tags", spec([{ ...count, taggedVersions: "0+", tag: 0 }]), /has no tags/],
  [
    "a field that is tagged at times",
    spec([{ ...count, taggedVersions: "4+", tag: 0 }]),
    /some of its versions/,
  ],
  ["a gap in the tags", spec([{ ...count, versions: "3+", taggedVersions: "3+", tag: 1 }]), /tags are not/],
  [
    "two structs of one name",
    spec(["A", "B"].map((name) => ({ name, type: "[]Pair", versions: "0+", fields: [count] }))),
    /two structs.*Pair/,
  ],
];

for (const [what, json, names] of faults) {
  Deno.test(`the generator stops at ${what}`, () => {
    assert.throws(() => parseSpec(json), names);
  });
}

Deno.test("the generator stops at an int64 form for a field that is no int64, or that there is not", () => {
  assert.throws(() => parseSpec(spec([count]), { "XRequest.count": "bigint" }), /no int64/);
  assert.throws(() => parseSpec(spec([count]), { "XRequest.amount": "bigint" }), /no field XRequest\.amount/);
});
