/** A subscription of the embedded consumer protocol, version 1. */
export function encodeSubscription(
  topics: readonly string[],
  owned: ReadonlyMap<string, readonly number[]> = new Map(),
): Uint8Array {
  const bytes: number[] = [0, 1];
  const int32 = (value: number) =>
    bytes.push(value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255);
  const string = (text: string) => {
    const encoded = new TextEncoder().encode(text);
    bytes.push(encoded.length >>> 8, encoded.length & 255, ...encoded);
  };
  int32(topics.length);
  topics.forEach(string);
  int32(-1);
  int32(owned.size);
  for (const [name, partitions] of owned) {
    string(name);
    int32(partitions.length);
    partitions.forEach(int32);
  }
  return Uint8Array.from(bytes);
}
