import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { bytesJson, bytesText } from "./shown_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("text is one line that does nothing to a terminal", () => {
  strictEqual(bytesText(bytes("a\tb\nc\u001b[31m\u202e🙂 ü"), "text"), "a\\tb\\nc\\x1b[31m\\u202e🙂 ü");
  strictEqual(bytesText(new Uint8Array([0, 65, 255]), "text"), "\\x00A\\xff");
  strictEqual(bytesText(null, "text"), "(null)");
  strictEqual(bytesText(bytes("hi"), "hex"), "6869");
});

Deno.test("JSON keeps its digits and loses its white space outside of strings alone", () => {
  const json = '{ "a b" : [1.10,\n 12345678901234567890, "\\" x\\\\" ] }';
  strictEqual(bytesText(bytes(json), "json"), '{"a b":[1.10,12345678901234567890,"\\" x\\\\"]}');
  strictEqual(bytesJson(bytes(json), "json"), '{"a b":[1.10,12345678901234567890,"\\" x\\\\"]}');
  strictEqual(bytesText(bytes("{not json"), "json"), "{not json");
  strictEqual(bytesJson(bytes("{not json"), "json"), '"{not json"');
});

Deno.test("any bytes are a JSON value that says which bytes they were", () => {
  fc.assert(fc.property(fc.uint8Array(), (any) => {
    const value: unknown = JSON.parse(bytesJson(any, "text"));
    const back = typeof value === "string"
      ? bytes(value)
      : Uint8Array.fromHex((value as { hex: string }).hex);
    deepStrictEqual(back, any);
    strictEqual(JSON.parse(bytesJson(any, "hex")), any.toHex());
  }));
});

Deno.test("any JSON is the same JSON", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    deepStrictEqual(JSON.parse(bytesJson(bytes(text), "json")), JSON.parse(text));
  }));
});
