import type { OpenObject } from "./open_object.ts";

/** Objects whose footers are at hand, most recently used last, up to a bound of bytes. */
export class FooterCache {
  readonly #maxBytes: number;
  readonly #objects = new Map<string, Promise<OpenObject>>();
  readonly #sizes = new Map<string, number>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the footers held. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The object, opened by `open` unless it is known or just being opened. A failure is not remembered. */
  async get(key: string, open: () => Promise<OpenObject>): Promise<OpenObject> {
    const known = this.#objects.get(key);
    if (known !== undefined) {
      this.#objects.delete(key);
      this.#objects.set(key, known);
      return await known;
    }
    const opening = open();
    this.#objects.set(key, opening);
    try {
      const object = await opening;
      if (this.#objects.get(key) === opening) this.#keep(object);
      return object;
    } catch (error) {
      if (this.#objects.get(key) === opening) this.forget(key);
      throw error;
    }
  }

  forget(key: string): void {
    this.#objects.delete(key);
    this.#heldBytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }

  #keep(object: OpenObject): void {
    // The batches that came along are another cache's business.
    this.#objects.set(object.key, Promise.resolve({ ...object, data: null }));
    this.#sizes.set(object.key, object.footer.sizeBytes);
    this.#heldBytes += object.footer.sizeBytes;
    for (const key of this.#sizes.keys()) {
      if (this.#heldBytes <= this.#maxBytes) return;
      this.forget(key);
    }
  }
}
