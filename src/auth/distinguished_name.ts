/** The attributes that RFC 2253 has a name for; all others are written as their number. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

const Tag = {
  OID: 0x06,
  SEQUENCE: 0x30,
  SET: 0x31,
  VERSION: 0xa0,
} as const;

/** UTF8String, PrintableString, T61String, IA5String, UniversalString, GeneralString, BMPString. */
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1c, 0x1e]);

/** Keeps what a name begins with, even if it is the mark of a file's beginning: without it it is somebody else's. */
const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The subject of a certificate as RFC 2253 writes it, the last part first: `CN=alice,OU=payments,O=Example`. It is
 * exactly what Java's `X500Principal.getName()` gives, for ACLs are written with it. `null` when the certificate is
 * not one.
 */
export function subjectOf(der: Uint8Array): string | null {
  try {
    const fields = new DerReader(new DerReader(der).read(Tag.SEQUENCE)).reader(Tag.SEQUENCE);
    if (fields.nextTag === Tag.VERSION) fields.skip();
    // The serial number, the signature's algorithm, the issuer and the validity.
    for (let field = 0; field < 4; field++) fields.skip();
    const parts: string[] = [];
    for (const name = fields.reader(Tag.SEQUENCE); !name.isAtEnd;) {
      parts.push(relativeName(name.reader(Tag.SET)));
    }
    return parts.reverse().join(",");
  } catch (error) {
    if (error instanceof MalformedDer) return null;
    throw error;
  }
}

/** One part of the name, which has a single attribute nearly always. */
function relativeName(attributes: DerReader): string {
  const texts: string[] = [];
  while (!attributes.isAtEnd) {
    const attribute = attributes.reader(Tag.SEQUENCE);
    const oid = oidText(attribute.read(Tag.OID));
    const keyword = KEYWORDS.get(oid);
    const { tag, content, whole } = attribute.next();
    texts.push(
      keyword !== undefined && TEXT_TAGS.has(tag)
        ? `${keyword}=${escaped(TEXT.decode(content))}`
        : `${keyword ?? oid}=#${whole.toHex()}`,
    );
  }
  return texts.join("+");
}

function escaped(value: string): string {
  // Spaces and carriage returns at either end, for that is what Java does.
  const lead = /^[ \r]*/.exec(value)![0].length;
  const trail = value.length - /[ \r]*$/.exec(value)![0].length;
  let text = "";
  for (let at = 0; at < value.length; at++) {
    const character = value[at]!;
    if (character === "\0") text += "\\00";
    else if (at < lead || at >= trail || ',=+<>#;"\\'.includes(character)) text += `\\${character}`;
    else text += character;
  }
  return text;
}

function oidText(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join(".");
}

class MalformedDer extends Error {}

/** Reads one value after the other; what is there is checked before it is taken. */
class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  next(): { readonly tag: number; readonly content: Uint8Array; readonly whole: Uint8Array } {
    const from = this.#at;
    const tag = this.#byte();
    let length = this.#byte();
    if (length >= 0x80) {
      const bytes = length & 0x7f;
      if (bytes === 0 || bytes > 4) throw new MalformedDer();
      length = 0;
      for (let byte = 0; byte < bytes; byte++) length = length * 256 + this.#byte();
    }
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new MalformedDer();
    this.#at = start + length;
    return {
      tag,
      content: this.#bytes.subarray(start, this.#at),
      whole: this.#bytes.subarray(from, this.#at),
    };
  }

  skip(): void {
    this.next();
  }

  read(tag: number): Uint8Array {
    const found = this.next();
    if (found.tag !== tag) throw new MalformedDer();
    return found.content;
  }

  reader(tag: number): DerReader {
    return new DerReader(this.read(tag));
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new MalformedDer();
    return byte;
  }
}
