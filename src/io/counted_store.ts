import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "./clock.ts";
import type {
  ByteRange,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  PutCondition,
  StoredBytes,
} from "./object_store.ts";
import { noStoreFigures, type StoreFigures, type StoreOperation } from "./store_figures.ts";

/** A store whose requests are counted. */
export class CountedStore implements ObjectStore {
  readonly description: string;
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  #figures = noStoreFigures();

  constructor(store: ObjectStore, clock: Clock) {
    this.description = store.description;
    this.#store = store;
    this.#clock = clock;
  }

  /** What has been counted since this was asked before. */
  takeFigures(): StoreFigures {
    const figures = this.#figures;
    this.#figures = noStoreFigures();
    return figures;
  }

  async get(key: string, range?: ByteRange): Promise<StoredBytes> {
    const read = await this.#counted("get", () => this.#store.get(key, range));
    this.#figures.receivedBytes += read.bytes.length;
    return read;
  }

  head(key: string): Promise<ObjectInfo | null> {
    return this.#counted("head", () => this.#store.head(key));
  }

  async put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }> {
    const stored = await this.#counted("put", () => this.#store.put(key, content, condition));
    this.#figures.sentBytes += content instanceof Uint8Array ? content.length : content.sizeBytes;
    return stored;
  }

  async *list(
    prefix: string,
    options?: { readonly afterKey?: string },
  ): AsyncIterable<readonly ObjectInfo[]> {
    const pages = this.#store.list(prefix, options)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const page = await this.#counted("list", () => pages.next());
        if (page.done === true) return;
        yield page.value;
      }
    } finally {
      await pages.return?.();
    }
  }

  listFolders(prefix: string): Promise<readonly string[]> {
    return this.#counted("list", () => this.#store.listFolders(prefix));
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#counted("delete", () => this.#store.delete(keys));
  }

  removeUnfinished(prefix: string, olderThanMs: number): Promise<void> {
    return this.#counted("delete", () => this.#store.removeUnfinished(prefix, olderThanMs));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #counted<T>(operation: StoreOperation, request: () => Promise<T>): Promise<T> {
    const sinceMs = this.#clock.monotonicMs();
    let hasFailed = false;
    try {
      return await request();
    } catch (error) {
      hasFailed = !(error instanceof KliteError && (error.code === "NOT_FOUND" || error.code === "CONFLICT"));
      throw error;
    } finally {
      const figures = this.#figures.operations[operation];
      figures.requests++;
      figures.seconds += (this.#clock.monotonicMs() - sinceMs) / 1000;
      if (hasFailed) figures.failures++;
    }
  }
}
