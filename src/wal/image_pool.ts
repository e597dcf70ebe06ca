import { assert } from "../base/assert.ts";
import type { Segment } from "./segment.ts";

/** The memory of the newest segments: a bounded number of images, handed from the oldest to the newest. */
export class ImagePool {
  readonly #imageBytes: number;
  readonly #countMax: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #free: Uint8Array[] = [];
  /** Segments that have an image, oldest first. */
  readonly #holders: Segment[] = [];

  constructor(imageBytes: number, countMax: number, allocate: (bytes: number) => Uint8Array) {
    this.#imageBytes = imageBytes;
    this.#countMax = countMax;
    this.#allocate = allocate;
  }

  /** Memory of all images, used or not. */
  get bytes(): number {
    return (this.#holders.length + this.#free.length) * this.#imageBytes;
  }

  /** Whether {@link give} would find an image: a new one, a returned one, or one whose content is durable. */
  get available(): boolean {
    return this.#free.length > 0 || this.#holders.length < this.#countMax || this.#holders[0]!.wholeIsDurable;
  }

  /** Gives `segment`, now the newest, an image whose content counts from `start` on. */
  give(segment: Segment, start: number): Uint8Array {
    const image = this.#take();
    this.#holders.push(segment);
    segment.setImage(image, start);
    return image;
  }

  /** Takes the image from a segment that is freed. */
  takeBack(segment: Segment): void {
    const at = this.#holders.indexOf(segment);
    if (at === -1) return;
    this.#holders.splice(at, 1);
    this.#free.push(segment.image!);
    segment.setImage(null);
  }

  #take(): Uint8Array {
    if (this.#free.length > 0) return this.#free.pop()!;
    if (this.#holders.length < this.#countMax) {
      const image = this.#allocate(this.#imageBytes);
      assert(
        image.length === this.#imageBytes && image.byteOffset % 8 === 0,
        "an image has its size and alignment",
      );
      return image;
    }
    const oldest = this.#holders.shift()!;
    assert(oldest.wholeIsDurable, "an image is reused only when its content is durable");
    const image = oldest.image!;
    oldest.setImage(null);
    return image;
  }
}
