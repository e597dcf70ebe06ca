import { concatBytes } from "../../base/bytes.ts";

const OIDS: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  O: "2.5.4.10",
  OU: "2.5.4.11",
};

/** An attribute's number and its encoded value. */
type Attribute = readonly [oid: string, value: Uint8Array];

/** A text in DER; as UTF8String if not told otherwise. */
export function text(value: string, tag = 0x0c): Uint8Array {
  return der(tag, new TextEncoder().encode(value));
}

/**
 * As much of a certificate as there is up to its subject, unsigned. The subject is a name with plain values as it
 * should read (`CN=alice,O=x`), or the attributes of each part in the order in which they are encoded.
 */
export function certificateOf(subject: string | readonly (readonly Attribute[])[]): Uint8Array {
  const parts = typeof subject === "string" ? partsOf(subject) : subject;
  const name = parts.map((attributes) =>
    der(0x31, ...attributes.map(([oid, value]) => der(0x30, der(0x06, oidBytes(oid)), value)))
  );
  const version = der(0xa0, der(0x02, new Uint8Array([2])));
  const before = [version, der(0x02, new Uint8Array([1])), der(0x30), der(0x30), der(0x30)];
  return der(0x30, der(0x30, ...before, der(0x30, ...name)));
}

function partsOf(name: string): Attribute[][] {
  return name.split(",").reverse().map((part) => {
    const [keyword = "", value = ""] = part.split("=");
    return [[OIDS[keyword] ?? "", text(value)]];
  });
}

function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(content);
  const { length } = bytes;
  const header = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return concatBytes([new Uint8Array(header), bytes]);
}

function oidBytes(oid: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = oid.split(".").map(Number);
  return new Uint8Array([40 * first + second, ...rest].flatMap((value) => {
    const digits = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  }));
}
