import { assert } from "../base/assert.ts";

/** Longest key, so that a bucket's prefix still fits before it. */
const LONGEST_KEY = 900;
const KEY = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
/** A key's beginning: its last part may be cut anywhere, or be missing. */
const BEGINNING = /^(?:[A-Za-z0-9._-]+\/)*[A-Za-z0-9._-]*$/;
/** What would lead out of the store, or to another name of the same place. */
const DOTS = /(?:^|\/)\.\.?(?:\/|$)/;

/** Whether an object of a store can have this name; what else lies in a bucket or a directory is not ours. */
export function isStoreKey(key: string): boolean {
  return key.length <= LONGEST_KEY && KEY.test(key) && !DOTS.test(key);
}

/** Every store checks every key here, so that none can lead to a place outside of it. */
export function assertStoreKey(key: string): void {
  assert(isStoreKey(key), `${JSON.stringify(key)} is a key of an object store`);
}

/** The same for what keys are listed by. */
export function assertKeyPrefix(prefix: string): void {
  const isOne = prefix.length <= LONGEST_KEY && BEGINNING.test(prefix) && !DOTS.test(prefix);
  assert(isOne, `${JSON.stringify(prefix)} is the beginning of a key`);
}

/** For {@link ObjectStore.listFolders}: empty, or the path of a folder with its slash. */
export function assertFolderPrefix(prefix: string): void {
  assertKeyPrefix(prefix);
  assert(prefix === "" || prefix.endsWith("/"), `${JSON.stringify(prefix)} ends with a slash`);
}
