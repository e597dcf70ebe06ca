import { equalBytes } from "../base/bytes.ts";
import { KliteError } from "../base/klite_error.ts";
import { asContent } from "../io/object_content.ts";
import type { ObjectContent, ObjectStore } from "../io/object_store.ts";

/**
 * Puts an object under a key where there may be nothing but what an earlier attempt has left: the same bytes, which
 * is as good as a put. Looks afterwards whether the store has what it was given.
 *
 * Something else is replaced only if the caller knows it by its etag, as an `orphan`: whoever has lost the cluster to
 * another broker without knowing it must not touch what that one has put.
 *
 * @throws KliteError CONFLICT when there is something else; STORE_UNAVAILABLE, retriable, when the store has something
 *   else than it was given.
 */
export async function putObject(
  store: ObjectStore,
  key: string,
  content: Uint8Array | ObjectContent,
  orphan: string | null = null,
): Promise<void> {
  const etag = await putOrFind(store, key, content, orphan);
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
async function putOrFind(
  store: ObjectStore,
  key: string,
  content: Uint8Array | ObjectContent,
  orphan: string | null,
): Promise<string> {
  try {
    const condition = orphan === null ? { ifAbsent: true } as const : { ifMatch: orphan };
    return (await store.put(key, content, condition)).etag;
  } catch (error) {
    if (!(error instanceof KliteError) || error.code !== "CONFLICT") throw error;
    const found = await store.head(key);
    if (found !== null && await isEqual(store, key, content, found.sizeBytes, found.etag)) return found.etag;
    throw error;
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
    if (stored.etag !== etag || !equalBytes(stored.bytes, part)) return false;
    at += part.length;
  }
  return true;
}
