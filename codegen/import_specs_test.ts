import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { factsOf, factsOfJar, stripComments } from "./import_specs.ts";

const text = `// A licence that is not ours to pass on.
{
  "name": "XRequest", // what it is
  "type": "request",
  "apiKey": 7,
  "validVersions": "0-1",
  "flexibleVersions": "none",
  "fields": [
    // Said in more words.
    { "about": "See http://example.com/.", "versions": "0+", "type": "[]Pair", "name": "Pairs", "fields": [
      { "type": "string", "name": "Left", "versions": "0+", "default": "//", "about": "The \\"left\\" one." }
    ]}
  ]
}
`;

const facts = `{
  "apiKey": 7,
  "type": "request",
  "name": "XRequest",
  "validVersions": "0-1",
  "flexibleVersions": "none",
  "fields": [
    {
      "name": "Pairs",
      "type": "[]Pair",
      "versions": "0+",
      "fields": [
        { "name": "Left", "type": "string", "versions": "0+", "default": "//" }
      ]
    }
  ]
}
`;

/** A zip file of one entry. */
function jarOf(name: string, content: string): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const data = deflateRawSync(content);
  const local = new Uint8Array(30 + nameBytes.length + data.length);
  local.set(nameBytes, 30);
  local.set(data, 30 + nameBytes.length);
  new DataView(local.buffer).setUint16(26, nameBytes.length, true);
  const entry = new Uint8Array(46 + nameBytes.length);
  entry.set(nameBytes, 46);
  const entryView = new DataView(entry.buffer);
  entryView.setUint32(0, 0x02014b50, true);
  entryView.setUint16(10, 8, true);
  entryView.setUint32(20, data.length, true);
  entryView.setUint16(28, nameBytes.length, true);
  const end = new Uint8Array(22);
  const endView = new DataView(end.buffer);
  endView.setUint32(0, 0x06054b50, true);
  endView.setUint16(10, 1, true);
  endView.setUint32(16, local.length, true);
  return new Uint8Array([...local, ...entry, ...end]);
}

Deno.test("comments are taken out, and what only looks like one is kept", () => {
  assert.equal(stripComments('{ "a": "//b" } // c\n"\\"// d"'), '{ "a": "//b" } \n"\\"// d"');
});

Deno.test("a spec is reduced to its facts, with keys in one order", () => {
  assert.equal(factsOf(text), facts);
  assert.equal(factsOf(facts), facts);
});

Deno.test("a key that is neither fact nor prose stops the import", () => {
  assert.throws(() => factsOf(text.replace('"apiKey"', '"apiNumber"')), /apiNumber/);
});

Deno.test("the specs are found in a jar by their folder", () => {
  assert.deepEqual([...factsOfJar(jarOf("common/message/XRequest.json", text))], [["XRequest.json", facts]]);
  assert.throws(() => factsOfJar(jarOf("common/other/XRequest.json", text)), /no message specs/);
  assert.throws(() => factsOfJar(new Uint8Array(100)), /not a jar/);
});
