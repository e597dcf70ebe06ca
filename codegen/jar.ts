import { inflateRawSync } from "node:zlib";

const endOfDirectorySignature = 0x06054b50;
const directoryEntrySignature = 0x02014b50;
const stored = 0;
const deflated = 8;

/**
 * Reads the entries of a jar (a zip file) whose name `wanted` accepts, as text by name.
 * Enough of the format for jars that Maven serves: no encryption, no zip64.
 */
export function readJar(jar: Uint8Array, wanted: (name: string) => boolean): Map<string, string> {
  const view = new DataView(jar.buffer, jar.byteOffset, jar.byteLength);
  const end = findEndOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const text = new TextDecoder("utf-8", { fatal: true });
  const entries = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    if (view.getUint32(at, true) !== directoryEntrySignature) {
      throw new Error("the jar's directory is damaged");
    }
    const nameLength = view.getUint16(at + 28, true);
    const name = text.decode(jar.subarray(at + 46, at + 46 + nameLength));
    if (wanted(name)) entries.set(name, text.decode(readEntry(jar, view, at)));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The record that ends a zip file is found from the back: it may be followed by a comment of up to 64 KiB. */
function findEndOfDirectory(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === endOfDirectorySignature) return at;
  }
  throw new Error("not a jar: it has no directory");
}

function readEntry(jar: Uint8Array, view: DataView, directoryEntry: number): Uint8Array {
  const method = view.getUint16(directoryEntry + 10, true);
  const compressedBytes = view.getUint32(directoryEntry + 20, true);
  const header = view.getUint32(directoryEntry + 42, true);
  const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  const data = jar.subarray(start, start + compressedBytes);
  if (method === stored) return data;
  if (method === deflated) return inflateRawSync(data);
  throw new Error(`the jar uses compression method ${method}`);
}
