import type { SeededRandom } from "../wire/seeded_random.ts";

/** Lengths and counts that are worth a try, in the forms that the protocol has. */
const extremes: readonly Uint8Array[] = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xfe],
  [0x7f, 0xff],
  [0xff, 0xff],
  [0x00],
].map((bytes) => new Uint8Array(bytes));

/** Changes a few bytes of a message in place: a bit, a byte, an extreme length or count, or bytes copied from elsewhere. */
export function mutate(input: Uint8Array, random: SeededRandom): void {
  if (input.length === 0) return;
  const at = random.below(input.length);
  switch (random.below(4)) {
    case 0:
      input[at] = (input[at] ?? 0) ^ (1 << random.below(8));
      break;
    case 1:
      input[at] = random.uint32();
      break;
    case 2: {
      const extreme = random.pick(extremes);
      input.set(extreme.subarray(0, input.length - at), at);
      break;
    }
    default:
      input.copyWithin(random.below(input.length), at, at + random.below(16));
  }
}
