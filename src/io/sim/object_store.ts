import { assert } from "../../base/assert.ts";
import { KliteError } from "../../base/klite_error.ts";
import { gatherContent, rangeWithin } from "../object_content.ts";
import type {
  ByteRange,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  PutCondition,
  StoredBytes,
} from "../object_store.ts";
import { assertFolderPrefix, assertKeyPrefix, assertStoreKey } from "../store_key.ts";
import type { SimClock } from "./clock.ts";
import type { SimRandom } from "./random.ts";

/** What is going to go wrong. May be changed at any time; chances are of each call. */
export interface StoreFaults {
  /** How likely a call fails and does nothing. */
  failChance: number;
  /** How likely a call does what it should, and fails: its answer is lost. */
  lostAnswerChance: number;
  /** How likely a call takes seconds. */
  slowChance: number;
  /** Until then, by the clock's monotonic time, the store does not answer; infinite until set anew. */
  awayUntilMs: number;
}

/** One moment of a call: a test may end this life of the broker, or change the faults, right there. */
export interface StoreMoment {
  readonly verb: "get" | "head" | "put" | "list" | "listFolders" | "delete" | "removeUnfinished";
  /** The key, the first of several, or what is listed. */
  readonly key: string;
  /** Whether the call has had its effect. */
  readonly isDone: boolean;
}

export interface SimObjectStoreOptions {
  readonly clock: SimClock;
  readonly random: SimRandom;
  /** Objects in a page of a list. Few, so that small worlds see more than one. Default: 10. */
  readonly pageObjects?: number;
  /** Called right before and right behind the effect of each call. */
  readonly watch?: (moment: StoreMoment) => void;
}

interface SimObject {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly modifiedMs: number;
}

/** What outlives the brokers that use it. */
class Bucket {
  readonly objects = new Map<string, SimObject>();
  /** Puts that were cut short. */
  unfinished: { readonly key: string; readonly beganMs: number }[] = [];
  putCount = 0;

  put(key: string, bytes: Uint8Array<ArrayBuffer>, modifiedMs: number): string {
    const etag = `"${++this.putCount}"`;
    this.objects.set(key, { bytes, etag, modifiedMs });
    return etag;
  }
}

/** A call on its way to the store, as far as it matters if the broker dies meanwhile. */
interface Flight {
  readonly verb: StoreMoment["verb"];
  readonly key: string;
  readonly effect: () => unknown;
  readonly beganMs: number;
}

/**
 * Objects in memory, in simulated time and with seeded faults. Each call has its effect at one moment, some time
 * after it was made and some time before its answer comes.
 *
 * One object is one life of the broker: {@link restart} ends it and gives the next one. What was under way then has
 * taken effect or not; whatever waits for it waits for ever, as in a process that is gone.
 */
export class SimObjectStore implements ObjectStore {
  readonly description = "sim";
  readonly faults: StoreFaults = { failChance: 0, lostAnswerChance: 0, slowChance: 0.02, awayUntilMs: 0 };
  readonly #clock: SimClock;
  readonly #random: SimRandom;
  readonly #pageObjects: number;
  readonly #watch: ((moment: StoreMoment) => void) | undefined;
  readonly #bucket: Bucket;
  readonly #flights = new Set<Flight>();
  #alive = true;

  constructor(options: SimObjectStoreOptions, before?: SimObjectStore) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#pageObjects = options.pageObjects ?? 10;
    this.#watch = options.watch;
    this.#bucket = before === undefined ? new Bucket() : before.#bucket;
  }

  /** The broker dies, of whatever cause, and comes back. Faults do not come with it. */
  restart(options: SimObjectStoreOptions): SimObjectStore {
    this.#alive = false;
    for (const { verb, key, effect, beganMs } of this.#flights) {
      if (this.#random.chance(0.5)) this.#tryEffect(effect);
      else if (verb === "put") this.#bucket.unfinished.push({ key, beganMs });
    }
    this.#flights.clear();
    return new SimObjectStore(options, this);
  }

  /** Keys of all objects, sorted, now. */
  keys(): string[] {
    return [...this.#bucket.objects.keys()].sort();
  }

  /** The bytes of an object now, not a copy; `undefined` when there is none. */
  peek(key: string): Uint8Array | undefined {
    return this.#bucket.objects.get(key)?.bytes;
  }

  /** How many puts that were cut short have left something. */
  get unfinishedCount(): number {
    return this.#bucket.unfinished.length;
  }

  /** Damages an object behind everybody's back: `change` gets a copy of its bytes and answers what is there now. */
  corrupt(key: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): void {
    const object = this.#bucket.objects.get(key);
    assert(object !== undefined, `there is no object ${key}`);
    this.#bucket.objects.set(key, { ...object, bytes: change(object.bytes.slice()) });
  }

  /** Takes an object away behind everybody's back. */
  lose(key: string): void {
    assert(this.#bucket.objects.delete(key), `there is no object ${key}`);
  }

  get(key: string, range?: ByteRange): Promise<StoredBytes> {
    assertStoreKey(key);
    return this.#call("get", key, () => {
      const object = this.#bucket.objects.get(key);
      if (object === undefined) throw new KliteError("NOT_FOUND", `there is no object ${key}`);
      const { from, to } = rangeWithin(object.bytes.length, range);
      return { bytes: object.bytes.slice(from, to), etag: object.etag, sizeBytes: object.bytes.length };
    });
  }

  head(key: string): Promise<ObjectInfo | null> {
    assertStoreKey(key);
    return this.#call("head", key, () => {
      const object = this.#bucket.objects.get(key);
      return object === undefined ? null : infoOf(key, object);
    });
  }

  async put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }> {
    assertStoreKey(key);
    const bytes = await gatherContent(content);
    return await this.#call("put", key, () => {
      this.#check(key, condition);
      return { etag: this.#bucket.put(key, bytes, this.#clock.nowMs()) };
    });
  }

  async *list(
    prefix: string,
    options: { readonly afterKey?: string } = {},
  ): AsyncIterable<readonly ObjectInfo[]> {
    assertKeyPrefix(prefix);
    let afterKey = options.afterKey ?? "";
    for (let isDone = false; !isDone;) {
      const page = await this.#call(
        "list",
        prefix,
        () =>
          this.keys().filter((key) => key.startsWith(prefix) && key > afterKey).slice(0, this.#pageObjects)
            .map((key) => infoOf(key, this.#bucket.objects.get(key)!)),
      );
      isDone = page.length < this.#pageObjects;
      afterKey = page.at(-1)?.key ?? "";
      if (page.length > 0) yield page;
    }
  }

  listFolders(prefix: string): Promise<readonly string[]> {
    assertFolderPrefix(prefix);
    return this.#call("listFolders", prefix, () => {
      const names = new Set<string>();
      for (const key of this.#bucket.objects.keys()) {
        const slash = key.indexOf("/", prefix.length);
        if (key.startsWith(prefix) && slash !== -1) names.add(key.slice(prefix.length, slash));
      }
      return [...names].sort();
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(assertStoreKey);
    if (keys.length === 0) return;
    await this.#call("delete", keys[0]!, () => {
      for (const key of keys) this.#bucket.objects.delete(key);
    });
  }

  removeUnfinished(prefix: string, olderThanMs: number): Promise<void> {
    return this.#call("removeUnfinished", prefix, () => {
      const bucket = this.#bucket;
      const beforeMs = this.#clock.nowMs() - olderThanMs;
      bucket.unfinished = bucket.unfinished.filter(({ key, beganMs }) =>
        !key.startsWith(prefix) || beganMs > beforeMs
      );
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #check(key: string, condition: PutCondition | undefined): void {
    if (condition === undefined) return;
    const etag = this.#bucket.objects.get(key)?.etag;
    if ("ifAbsent" in condition ? etag === undefined : etag === condition.ifMatch) return;
    throw new KliteError("CONFLICT", `${key} ${etag === undefined ? "is not there" : "is another one"}`);
  }

  /** One call over the simulated network. */
  #call<T>(verb: StoreMoment["verb"], key: string, effect: () => T): Promise<T> {
    assert(this.#alive, "a store is used after its broker's life has ended");
    const fails = this.#random.chance(this.faults.failChance);
    const losesAnswer = this.#random.chance(this.faults.lostAnswerChance);
    const flight = { verb, key, effect, beganMs: this.#clock.nowMs() };
    this.#flights.add(flight);
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(unavailable(verb, key));
      this.#later(() => {
        if (fails || this.#isAway()) {
          this.#flights.delete(flight);
          return this.#later(giveUp);
        }
        this.#watch?.({ verb, key, isDone: false });
        if (!this.#flights.delete(flight)) return;
        const result = this.#tryEffect(effect);
        this.#watch?.({ verb, key, isDone: true });
        this.#later(() => {
          if (losesAnswer || this.#isAway()) return giveUp();
          if ("error" in result) reject(result.error);
          else resolve(result.value);
        });
      });
    });
  }

  #tryEffect<T>(effect: () => T): { readonly value: T } | { readonly error: KliteError } {
    try {
      return { value: effect() };
    } catch (error) {
      if (error instanceof KliteError) return { error };
      throw error;
    }
  }

  #isAway(): boolean {
    return this.#clock.monotonicMs() < this.faults.awayUntilMs;
  }

  #later(action: () => void): void {
    const delayMs = 0.2 + this.#random.unit() * (this.#random.chance(this.faults.slowChance) ? 5_000 : 20);
    this.#clock.setTimer(delayMs, () => {
      if (this.#alive) action();
    });
  }
}

function infoOf(key: string, { bytes, etag, modifiedMs }: SimObject): ObjectInfo {
  return { key, sizeBytes: bytes.length, etag, modifiedMs };
}

function unavailable(verb: string, key: string): KliteError {
  return new KliteError("STORE_UNAVAILABLE", `the store does not answer to ${verb} ${key}`, {
    retriable: true,
  });
}
