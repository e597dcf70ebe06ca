import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { crc32c } from "./crc32c.ts";
import { ImageMemory, sumInPlaceOf } from "./image_memory.ts";
import { portableCrc32c } from "./portable_crc32c.ts";

const IMAGE_BYTES = 100_000;

Deno.test("images are apart, zero, and begin on a page", () => {
  const memory = new ImageMemory(1_000_000);
  const images = Array.from({ length: 5 }, () => memory.allocate(IMAGE_BYTES));
  images.forEach((image, index) => {
    equal(image.length, IMAGE_BYTES);
    equal(image.byteOffset % 4096, 0);
    equal(image.buffer, images[0]!.buffer);
    deepEqual(image, new Uint8Array(IMAGE_BYTES));
    image.fill(index + 1);
  });
  images.forEach((image, index) => deepEqual(image, new Uint8Array(IMAGE_BYTES).fill(index + 1)));
});

Deno.test("what was asked for is there to the last byte, and ordinary memory behind it", () => {
  const memory = new ImageMemory(2 * 1024 * 1024);
  const images = Array.from({ length: 3 }, () => memory.allocate(1024 * 1024));
  ok(sumInPlaceOf(images[0]!.buffer));
  equal(images[1]!.buffer, images[0]!.buffer);
  notEqual(images[2]!.buffer, images[0]!.buffer);
  for (const [index, image] of images.entries()) {
    image.fill(index + 7);
    equal(crc32c(image, 1, image.length), portableCrc32c(image, 1, image.length));
  }
});

Deno.test("memories do not get in each other's way", () => {
  const images = [1, 2, 3].map((value) => new ImageMemory(IMAGE_BYTES).allocate(IMAGE_BYTES).fill(value));
  const sums = images.map((image) => crc32c(image, 0, IMAGE_BYTES));
  deepEqual(sums, images.map((image) => portableCrc32c(image, 0, IMAGE_BYTES)));
  equal(new Set(sums).size, 3);
});

Deno.test("memory that is not used takes none of the machine's", () => {
  const gibibyte = 2 ** 30;
  const before = Deno.memoryUsage().rss;
  const image = new ImageMemory(gibibyte).allocate(gibibyte);
  image.fill(1, gibibyte - 5000);
  equal(crc32c(image, gibibyte - 5000, gibibyte), portableCrc32c(image, gibibyte - 5000, gibibyte));
  const taken = Deno.memoryUsage().rss - before;
  ok(taken < gibibyte / 16, `${taken} bytes were taken`);
});

Deno.test("a memory of the largest size is summed up to its end", () => {
  const mostBytes = 65_534 * 65_536;
  const image = new ImageMemory(2 ** 40).allocate(mostBytes);
  ok(sumInPlaceOf(image.buffer));
  image.fill(9, mostBytes - 20_000);
  for (const length of [513, 700, 20_000]) {
    const start = mostBytes - length;
    equal(crc32c(image, start, mostBytes), portableCrc32c(image, start, mostBytes));
  }
});
