/** What every object store promises, as tests that run against each of them. */
import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import type { ObjectContent, ObjectInfo, ObjectStore } from "../../src/io/object_store.ts";

/** A store of a test's own. */
export interface StoreWorld extends AsyncDisposable {
  readonly store: ObjectStore;
  /** Awaits, and lets time pass meanwhile if the store's time is simulated. */
  run<T>(promise: Promise<T>): Promise<T>;
}

/** How much a store is given to do. */
export interface ContractScale {
  /** Sizes around and above which the store stores otherwise. */
  readonly largeSizes: readonly number[];
  /** More than a page of a list. */
  readonly manyKeys: number;
}

/** Registers the tests; `open` gives each of them a new empty store. */
export function storeContract(
  name: string,
  open: () => Promise<StoreWorld>,
  scale: ContractScale,
  options: { readonly ignore?: boolean } = {},
): void {
  const test = (promise: string, check: (store: ObjectStore) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${promise}`,
      ignore: options.ignore ?? false,
      async fn() {
        await using world = await open();
        await world.run(check(world.store));
      },
    });
  bytesTests(test);
  conditionTests(test);
  contentTests(test, scale);
  listTests(test, scale);
  keyTests(test);
}

type Register = (promise: string, check: (store: ObjectStore) => Promise<void>) => void;

function bytesTests(test: Register): void {
  test("what was put is got back, and all answers tell the same of it", async (store) => {
    const { etag } = await store.put("folder/object.obj", numbered(1000));
    const got = await store.get("folder/object.obj");
    deepEqual(got, { bytes: numbered(1000), etag, sizeBytes: 1000 });
    const head = await store.head("folder/object.obj");
    ok(head !== null && head.modifiedMs > Date.UTC(2020, 0, 1) - 1);
    deepEqual(head, { key: "folder/object.obj", etag, sizeBytes: 1000, modifiedMs: head.modifiedMs });
    const [listed] = await listAll(store, "");
    ok(listed !== undefined);
    // A list may know the time more exactly than an answer's header does.
    ok(Math.abs(listed.modifiedMs - head.modifiedMs) < 1000);
    deepEqual({ ...listed, modifiedMs: 0 }, { ...head, modifiedMs: 0 });
  });

  test("what is not there is NOT_FOUND when got and null when looked at, a folder too", async (store) => {
    await store.put("a/b", numbered(1));
    for (const key of ["none", "a", "a/c", "a/b.c"]) {
      await rejects(store.get(key), { code: "NOT_FOUND" });
      await rejects(store.get(key, { fromByte: -1, lengthBytes: 1 }), { code: "NOT_FOUND" });
      equal(await store.head(key), null);
    }
  });

  test("a put without a condition replaces, and another content has another etag", async (store) => {
    const first = await store.put("key", numbered(100));
    const second = await store.put("key", numbered(100).reverse());
    notEqual(first.etag, second.etag);
    deepEqual(await store.get("key"), { bytes: numbered(100).reverse(), etag: second.etag, sizeBytes: 100 });
  });

  test("ranges are cut where the object ends, and count from its end when negative", async (store) => {
    const { etag } = await store.put("key", numbered(100));
    const cases: readonly (readonly [fromByte: number, lengthBytes: number, from: number, to: number])[] = [
      [0, 100, 0, 100],
      [0, 1, 0, 1],
      [40, 20, 40, 60],
      [99, 1, 99, 100],
      [90, 20, 90, 100],
      [0, 0, 0, 0],
      [100, 1, 0, 0],
      [500, 10, 0, 0],
      [-1, 1, 99, 100],
      [-30, 30, 70, 100],
      [-30, 2, 70, 100],
      [-100, 100, 0, 100],
      [-500, 500, 0, 100],
    ];
    for (const [fromByte, lengthBytes, from, to] of cases) {
      const got = await store.get("key", { fromByte, lengthBytes });
      deepEqual(got, { bytes: numbered(100).slice(from, to), etag, sizeBytes: 100 }, `from ${fromByte}`);
    }
  });

  test("an empty object is one, whatever range is asked for", async (store) => {
    const { etag } = await store.put("empty", new Uint8Array(0));
    const expected = { bytes: new Uint8Array(0), etag, sizeBytes: 0 };
    deepEqual(await store.get("empty"), expected);
    deepEqual(await store.get("empty", { fromByte: 0, lengthBytes: 10 }), expected);
    deepEqual(await store.get("empty", { fromByte: -10, lengthBytes: 10 }), expected);
    equal((await store.head("empty"))?.sizeBytes, 0);
  });

  test("bytes given and bytes got are the caller's own", async (store) => {
    const given = numbered(50);
    await store.put("key", given);
    given.fill(0);
    (await store.get("key")).bytes.fill(1);
    deepEqual((await store.get("key")).bytes, numbered(50));
  });

  test("a reader beside a writer gets one whole object or the other", async (store) => {
    const contents = [new Uint8Array(70_000).fill(1), new Uint8Array(90_000).fill(2)];
    await store.put("key", contents[0]!);
    const writing = (async () => {
      for (let round = 1; round <= 6; round++) await store.put("key", contents[round % 2]!);
    })();
    for (let round = 0; round < 12; round++) {
      const { bytes, sizeBytes } = await store.get("key");
      equal(bytes.length, sizeBytes);
      deepEqual(bytes, contents.find((content) => content.length === bytes.length));
    }
    await writing;
  });
}

function conditionTests(test: Register): void {
  test("a put that wants absence takes effect once", async (store) => {
    const { etag } = await store.put("key", numbered(10), { ifAbsent: true });
    await rejects(store.put("key", numbered(20), { ifAbsent: true }), { code: "CONFLICT" });
    deepEqual(await store.get("key"), { bytes: numbered(10), etag, sizeBytes: 10 });
    await store.delete(["key"]);
    await store.put("key", numbered(20), { ifAbsent: true });
  });

  test("a put over an etag takes effect only while that is the object's", async (store) => {
    await rejects(store.put("key", numbered(10), { ifMatch: '"none"' }), { code: "CONFLICT" });
    equal(await store.head("key"), null);
    const first = await store.put("key", numbered(10));
    const second = await store.put("key", numbered(20), { ifMatch: first.etag });
    await rejects(store.put("key", numbered(30), { ifMatch: first.etag }), { code: "CONFLICT" });
    deepEqual(await store.get("key"), { bytes: numbered(20), etag: second.etag, sizeBytes: 20 });
    const head = await store.head("key");
    await store.put("key", numbered(40), { ifMatch: head!.etag });
  });

  test("of many racing puts that want absence one takes effect", async (store) => {
    for (let round = 0; round < 3; round++) {
      const won = await race(round, (content) => store.put(`key-${round}`, content, { ifAbsent: true }));
      deepEqual((await store.get(`key-${round}`)).bytes, won);
    }
  });

  test("of many racing puts over one etag one takes effect", async (store) => {
    let { etag } = await store.put("key", numbered(10));
    for (let round = 0; round < 3; round++) {
      const ifMatch = etag;
      const won = await race(round, (content) => store.put("key", content, { ifMatch }));
      const got = await store.get("key");
      deepEqual(got.bytes, won);
      etag = got.etag;
    }
  });
}

function contentTests(test: Register, scale: ContractScale): void {
  for (const sizeBytes of scale.largeSizes) {
    test(`${sizeBytes} bytes in parts are stored as they came, with and without conditions`, async (store) => {
      const first = await store.put("key", inParts(sizeBytes, 1), { ifAbsent: true });
      await assertHolds(store, "key", sizeBytes, 1);
      await rejects(store.put("key", inParts(sizeBytes, 2), { ifAbsent: true }), { code: "CONFLICT" });
      await rejects(store.put("key", inParts(sizeBytes, 2), { ifMatch: '"other"' }), { code: "CONFLICT" });
      await assertHolds(store, "key", sizeBytes, 1);
      await store.put("key", inParts(sizeBytes, 3), { ifMatch: first.etag });
      await assertHolds(store, "key", sizeBytes, 3);
      await store.put("key", inParts(sizeBytes, 4));
      await assertHolds(store, "key", sizeBytes, 4);
      const got = await store.get("key", { fromByte: sizeBytes - 100, lengthBytes: 50 });
      deepEqual(got.bytes, wholeOf(sizeBytes, 4).slice(sizeBytes - 100, sizeBytes - 50));
    });
  }

  const sizeBytes = Math.max(...scale.largeSizes);

  test("of racing large puts that want absence one takes effect", async (store) => {
    const results = await Promise.allSettled(
      [1, 2, 3].map((seed) => store.put("key", inParts(sizeBytes, seed), { ifAbsent: true })),
    );
    const won = results.findIndex(({ status }) => status === "fulfilled");
    equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    for (const result of results) {
      if (result.status === "rejected") equal(result.reason.code, "CONFLICT");
    }
    await assertHolds(store, "key", sizeBytes, won + 1);
  });

  test("content that fails or is not as long as it says leaves nothing", async (store) => {
    const failing: ObjectContent = {
      sizeBytes,
      *parts() {
        yield wholeOf(sizeBytes, 1).subarray(0, sizeBytes - 1);
        throw new TypeError("the file is gone");
      },
    };
    await rejects(store.put("key", failing), { message: "the file is gone" });
    for (const claimedBytes of [sizeBytes - 1, sizeBytes + 1]) {
      const wrong: ObjectContent = { sizeBytes: claimedBytes, parts: () => inParts(sizeBytes, 1).parts() };
      await rejects(store.put("key", wrong));
    }
    equal(await store.head("key"), null);
    deepEqual(await listAll(store, ""), []);
    await store.removeUnfinished("", 0);
    deepEqual(await listAll(store, ""), []);
  });

  test("removing what is unfinished touches no object and no put under way that is younger", async (store) => {
    await store.put("before", numbered(10));
    const putting = store.put("large", inParts(sizeBytes, 1));
    await store.removeUnfinished("", 60_000);
    await putting;
    await store.removeUnfinished("", 0);
    deepEqual((await listAll(store, "")).map(({ key }) => key), ["before", "large"]);
    await assertHolds(store, "large", sizeBytes, 1);
  });
}

function listTests(test: Register, scale: ContractScale): void {
  const tree = ["A", "a-b/x", "a.b/x", "a/b/1", "a/b/2", "a/b0", "a/c/1", "a0", "ab/x", "b/a/1"];

  test("lists give the keys that begin so, in order", async (store) => {
    for (const key of tree.toReversed()) await store.put(key, numbered(3));
    for (const prefix of ["", "a", "a/", "a/b", "a/b/", "a/b/2", "a-", "zz", "A", "b/a/1", "b/a/1/2"]) {
      const keys = (await listAll(store, prefix)).map(({ key }) => key);
      deepEqual(keys, tree.filter((key) => key.startsWith(prefix)), `prefix ${prefix}`);
    }
    for (const afterKey of ["a", "a/b", "a/b/1", "a/b/1x", "a/b0", "ab", "b/a/1", "zz"]) {
      const keys = (await listAll(store, "", afterKey)).map(({ key }) => key);
      deepEqual(keys, tree.filter((key) => key > afterKey), `after ${afterKey}`);
    }
    deepEqual((await listAll(store, "a/", "a/b/1")).map(({ key }) => key), ["a/b/2", "a/b0", "a/c/1"]);
  });

  test("folders are the next parts of the keys that go on behind them", async (store) => {
    for (const key of tree) await store.put(key, numbered(3));
    deepEqual(await store.listFolders(""), ["a", "a-b", "a.b", "ab", "b"]);
    deepEqual(await store.listFolders("a/"), ["b", "c"]);
    deepEqual(await store.listFolders("a/b/"), []);
    deepEqual(await store.listFolders("none/"), []);
    await store.delete(["a/c/1", "b/a/1"]);
    deepEqual(await store.listFolders(""), ["a", "a-b", "a.b", "ab"]);
    deepEqual(await store.listFolders("a/"), ["b"]);
  });

  test("what is deleted is gone, and what was not there is no error", async (store) => {
    for (const key of tree) await store.put(key, numbered(3));
    await store.delete([]);
    await store.delete(["a/b/1", "none", "a/b/none", "a/b/2", "a0", "a0"]);
    equal(await store.head("a/b/1"), null);
    const left = tree.filter((key) => !["a/b/1", "a/b/2", "a0"].includes(key));
    deepEqual((await listAll(store, "")).map(({ key }) => key), left);
    await store.put("a/b/1", numbered(5));
    equal((await store.head("a/b/1"))?.sizeBytes, 5);
  });

  test(`${scale.manyKeys} objects are listed in several pages, and deleted in one call`, async (store) => {
    const keys = Array.from(
      { length: scale.manyKeys },
      (_, index) => `many/${String(index).padStart(6, "0")}`,
    );
    const waiting = keys.toReversed();
    await Promise.all(Array.from({ length: 16 }, async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await store.put(key, numbered(2));
    }));
    let pageCount = 0;
    const found: string[] = [];
    for await (const page of store.list("many/")) {
      pageCount++;
      found.push(...page.map(({ key }) => key));
    }
    deepEqual(found, keys);
    ok(pageCount > 1);
    deepEqual((await listAll(store, "many/", keys[5])).map(({ key }) => key), keys.slice(6));
    await store.delete(keys);
    deepEqual(await listAll(store, ""), []);
  });
}

function keyTests(test: Register): void {
  test("names that are no keys are refused by every verb", async (store) => {
    const wrong = ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../../b", "a/./b", "a b", "a\\b", "é", "~a"];
    const verbs: ((key: string) => Promise<unknown>)[] = [
      (key) => store.get(key),
      (key) => store.head(key),
      (key) => store.put(key, numbered(1)),
      (key) => store.delete([key]),
    ];
    for (const key of [...wrong, "a".repeat(901)]) {
      for (const verb of verbs) await rejects(async () => await verb(key), { name: "AssertionError" }, key);
    }
    for (const prefix of ["../", "/", "a//", "./", "a/../"]) {
      await rejects(listAll(store, prefix), { name: "AssertionError" });
      await rejects(async () => await store.listFolders(prefix), { name: "AssertionError" });
    }
    await rejects(async () => await store.listFolders("a"), { name: "AssertionError" });
  });

  test("keys may be long", async (store) => {
    const key = `${"x".repeat(200)}/${"y".repeat(200)}/${"z".repeat(100)}..a...obj`;
    await store.put(key, numbered(7));
    deepEqual((await listAll(store, "")).map((object) => object.key), [key]);
    equal((await store.get(key)).sizeBytes, 7);
  });
}

/** Puts of different contents, other ones each round, all at once: answers that of the only one that took effect. */
async function race(
  round: number,
  put: (content: Uint8Array<ArrayBuffer>) => Promise<unknown>,
): Promise<Uint8Array> {
  const contents = Array.from({ length: 12 }, (_, index) => numbered(100 + 12 * round + index));
  const results = await Promise.allSettled(contents.map((content) => put(content)));
  const won = contents.filter((_, index) => results[index]!.status === "fulfilled");
  equal(won.length, 1);
  for (const result of results) if (result.status === "rejected") equal(result.reason.code, "CONFLICT");
  return won[0]!;
}

/** All objects of a list, its pages joined. */
export async function listAll(store: ObjectStore, prefix: string, afterKey?: string): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const page of store.list(prefix, afterKey === undefined ? {} : { afterKey })) {
    found.push(...page);
  }
  return found;
}

/** Bytes that are different from position to position. */
export function numbered(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 7);
}

/** `sizeBytes` bytes that look like nothing, other ones for another seed. */
function wholeOf(sizeBytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let word = seed;
  for (let index = 0; index < words.length; index++) {
    word = Math.imul(word, 1_664_525) + 1_013_904_223;
    words[index] = word ^ (word >>> 15);
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

/** The same, in parts of an odd size and through one buffer that each part overwrites. */
export function inParts(sizeBytes: number, seed: number): ObjectContent {
  const whole = wholeOf(sizeBytes, seed);
  const buffer = new Uint8Array(Math.max(1, Math.min(300_001, Math.ceil(sizeBytes / 3))));
  return {
    sizeBytes,
    async *parts() {
      for (let at = 0; at < sizeBytes; at += buffer.length) {
        const piece = whole.subarray(at, at + buffer.length);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
        await Promise.resolve();
      }
    },
  };
}

async function assertHolds(store: ObjectStore, key: string, sizeBytes: number, seed: number): Promise<void> {
  const { bytes } = await store.get(key);
  const expected = wholeOf(sizeBytes, seed);
  equal(bytes.length, sizeBytes);
  ok(bytes.every((byte, index) => byte === expected[index]), `${key} holds what was put`);
}
