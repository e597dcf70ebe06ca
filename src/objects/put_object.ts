import { KliteError } from "../base/klite_error.ts";
import { asContent } from "../io/object_content.ts";
import type { ObjectContent, ObjectStore } from "../io/object_store.ts";

/** Orphans that may be found in the way of one object: more of them means that somebody else writes here. */
const ATTEMPTS_MAX = 3;

/**
 * Puts an object under a key where there may be nothing but what an earlier attempt has left: the same bytes, which
 * is as good as a put, or others, which are replaced. Looks afterwards whether the store has what it was given.
 *
 * The caller knows that no object of that key is live.
 *
 * @throws KliteError CONFLICT when somebody else keeps writing there; STORE_UNAVAILABLE, retriable, when the store
 *   has something else than it was given.
 */
export async function putObject(
  store: ObjectStore,
  key: string,
  content: Uint8Array | ObjectContent,
): Promise<void> {
  const etag = await putOverOrphan(store, key, content);
  const { sizeBytes } = asContent(content);
  const stored = await store.head(key);
  if (stored !== null && stored.sizeBytes === sizeBytes && stored.etag === etag) return;
  const found = stored === null ? "nothing" : `${stored.sizeBytes} bytes (etag ${stored.etag})`;
  throw new KliteError(
    "STORE_UNAVAILABLE",
    `${store.description} has ${found} as ${key} where ${sizeBytes} bytes (etag ${etag}) were put`,
    { retriable: true },
  );
}

/** Answers the etag. */
async function putOverOrphan(
  store: ObjectStore,
  key: string,
  content: Uint8Array | ObjectContent,
): Promise<string> {
  let orphan: string | null = null;
  for (let attempt = 1;; attempt++) {
    try {
      const condition = orphan === null ? { ifAbsent: true } as const : { ifMatch: orphan };
      return (await store.put(key, content, condition)).etag;
    } catch (error) {
      const isConflict = error instanceof KliteError && error.code === "CONFLICT";
      if (!isConflict || attempt === ATTEMPTS_MAX) throw error;
    }
    const found = await store.head(key);
    if (found !== null && await isEqual(store, key, content, found.sizeBytes, found.etag)) return found.etag;
    orphan = found?.etag ?? null;
  }
}

/** Whether the object has these very bytes. */
async function isEqual(
  store: ObjectStore,
  key: string,
  content: Uint8Array | ObjectContent,
  sizeBytes: number,
  etag: string,
): Promise<boolean> {
  const ours = asContent(content);
  if (sizeBytes !== ours.sizeBytes) return false;
  let at = 0;
  for await (const part of ours.parts()) {
    if (part.length === 0) continue;
    const stored = await store.get(key, { fromByte: at, lengthBytes: part.length });
    if (stored.etag !== etag || !sameBytes(stored.bytes, part)) return false;
    at += part.length;
  }
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
