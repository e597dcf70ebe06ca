import { KliteError } from "../base/klite_error.ts";
import type { Clock } from "./clock.ts";
import type { Disk, DiskEntry } from "./disk.ts";
import { asContent, piecesOf, rangeWithin } from "./object_content.ts";
import type {
  ByteRange,
  ObjectContent,
  ObjectInfo,
  ObjectStore,
  PutCondition,
  StoredBytes,
} from "./object_store.ts";
import { assertFolderPrefix, assertKeyPrefix, assertStoreKey, isStoreKey } from "./store_key.ts";

/** Where puts are written before they get their names; `~` is in no key. */
const UNFINISHED = "~unfinished";
/** Written at a time: whole pages of every system, which is what a disk takes directly. */
const WRITE_BYTES = 1024 * 1024;
/** Objects in a page of a list, as in S3. */
const PAGE_OBJECTS = 1000;

export interface DirectoryStoreOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Below the disk's root. Made when first needed. */
  readonly directory: string;
}

/**
 * Objects as files of a directory, under their keys. One process has it for itself: conditions are checked in
 * memory's own order, one synchronous step from the look to the rename. A delete takes effect some time before it
 * resolves.
 *
 * An etag is a file's size, time and identity: a put always makes a new file while the old one is still there, so
 * the two never have the same.
 */
export class DirectoryStore implements ObjectStore {
  readonly description: string;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #directory: string;
  /** Paths of what is being put now. */
  readonly #underWay = new Set<string>();
  /** Directories made or first used in this life, and whether their names are known to be durable. */
  readonly #directories = new Map<string, { isDurable: boolean }>();
  #putCount = 0;

  constructor({ disk, clock, directory }: DirectoryStoreOptions) {
    this.#disk = disk;
    this.#clock = clock;
    this.#directory = directory;
    this.description = `${disk.root}/${directory}`;
  }

  get(key: string, range?: ByteRange): Promise<StoredBytes> {
    assertStoreKey(key);
    return this.#withStoreErrors(async () => {
      const path = this.#pathOf(key);
      const entry = this.#fileAt(path);
      if (entry === null) throw new KliteError("NOT_FOUND", `there is no ${this.description}/${key}`);
      const { from, to } = rangeWithin(entry.sizeBytes, range);
      const bytes = new Uint8Array(to - from);
      const file = this.#disk.open(path);
      try {
        const count = await file.readAt(bytes, from);
        return { bytes: bytes.subarray(0, count), etag: etagOf(entry), sizeBytes: entry.sizeBytes };
      } finally {
        file.close();
      }
    });
  }

  head(key: string): Promise<ObjectInfo | null> {
    assertStoreKey(key);
    return this.#withStoreErrors(() => {
      const entry = this.#fileAt(this.#pathOf(key));
      return entry === null ? null : infoOf(key, entry);
    });
  }

  put(
    key: string,
    content: Uint8Array | ObjectContent,
    condition?: PutCondition,
  ): Promise<{ readonly etag: string }> {
    assertStoreKey(key);
    return this.#withStoreErrors(async () => {
      await this.#checkDurably(key, condition);
      const unfinished = this.#newUnfinished();
      try {
        await this.#write(unfinished, asContent(content));
        // From here to the rename nothing waits, so that of two racing puts the second one sees the first.
        this.#check(key, condition);
        return await this.#name(unfinished, this.#pathOf(key));
      } finally {
        this.#disk.remove(unfinished);
        this.#underWay.delete(unfinished);
      }
    });
  }

  async *list(
    prefix: string,
    options: { readonly afterKey?: string } = {},
  ): AsyncIterable<readonly ObjectInfo[]> {
    assertKeyPrefix(prefix);
    const afterKey = options.afterKey ?? "";
    const walk = this.#walk(prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix, afterKey);
    for (let isDone = false; !isDone;) {
      const page = await this.#withStoreErrors(() => {
        const objects: ObjectInfo[] = [];
        while (objects.length < PAGE_OBJECTS) {
          const next = walk.next();
          if (next.done) break;
          objects.push(next.value);
        }
        return objects;
      });
      isDone = page.length < PAGE_OBJECTS;
      if (page.length > 0) yield page;
    }
  }

  listFolders(prefix: string): Promise<readonly string[]> {
    assertFolderPrefix(prefix);
    return this.#withStoreErrors(() => {
      const names = this.#disk.list(this.#pathOfFolder(prefix));
      return names.filter((name) => isStoreKey(prefix + name) && this.#isFolder(prefix + name));
    });
  }

  delete(keys: readonly string[]): Promise<void> {
    keys.forEach(assertStoreKey);
    return this.#withStoreErrors(async () => {
      const changed = new Set<string>();
      for (const key of keys) {
        const path = this.#pathOf(key);
        if (this.#fileAt(path) === null) continue;
        await this.#disk.discard(path);
        changed.add(this.#removeEmptyFrom(parentOf(path)));
      }
      for (const directory of changed) {
        if (this.#disk.exists(directory)) await this.#disk.syncDir(directory);
      }
    });
  }

  removeUnfinished(_prefix: string, olderThanMs: number): Promise<void> {
    return this.#withStoreErrors(async () => {
      const directory = `${this.#directory}/${UNFINISHED}`;
      for (const name of this.#disk.list(directory)) {
        const path = `${directory}/${name}`;
        const entry = this.#disk.look(path);
        if (entry === null || this.#underWay.has(path)) continue;
        if (this.#clock.nowMs() - entry.modifiedMs >= olderThanMs) await this.#disk.discard(path);
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #check(key: string, condition: PutCondition | undefined): void {
    if (condition === undefined) return;
    const entry = this.#fileAt(this.#pathOf(key));
    const etag = entry === null ? null : etagOf(entry);
    if ("ifAbsent" in condition ? etag === null : etag === condition.ifMatch) return;
    const found = etag === null ? "is not there" : "is another one";
    throw new KliteError("CONFLICT", `${this.description}/${key} ${found}`);
  }

  /** Who learns that an object is in the way may make do with it: a name that an earlier life has left is not durable yet. */
  async #checkDurably(key: string, condition: PutCondition | undefined): Promise<void> {
    try {
      this.#check(key, condition);
    } catch (error) {
      const path = this.#pathOf(key);
      if (this.#fileAt(path) !== null) await this.#syncName(parentOf(path));
      throw error;
    }
  }

  #newUnfinished(): string {
    const directory = `${this.#directory}/${UNFINISHED}`;
    this.#disk.makeDir(directory);
    let path: string;
    do path = `${directory}/${++this.#putCount}`; while (this.#disk.exists(path));
    this.#disk.open(path, { create: true }).close();
    this.#underWay.add(path);
    return path;
  }

  async #write(path: string, content: ObjectContent): Promise<void> {
    const file = this.#disk.open(path);
    try {
      let position = 0;
      for await (const piece of piecesOf(content, WRITE_BYTES)) {
        await file.writeAt(piece, position);
        position += piece.length;
      }
      await file.sync();
    } finally {
      file.close();
    }
  }

  /** Gives a written file its name, durably. What is synced is in place at once, what is not waits its turn. */
  async #name(unfinished: string, path: string): Promise<{ readonly etag: string }> {
    const directory = parentOf(path);
    this.#disk.makeDir(directory);
    this.#disk.rename(unfinished, path);
    const entry = this.#fileAt(path);
    if (entry === null) {
      throw new KliteError("STORE_UNAVAILABLE", `${path} was deleted while it was put`, { retriable: true });
    }
    await this.#syncName(directory);
    return { etag: etagOf(entry) };
  }

  /** Makes the names in the directory durable, and those of the directories above it. */
  async #syncName(directory: string): Promise<void> {
    for (const above of this.#notDurable(directory)) {
      await this.#disk.syncDir(parentOf(above.path));
      above.state.isDurable = true;
    }
    await this.#disk.syncDir(directory);
  }

  /**
   * The directory and those above it whose names may not be durable, outermost first. A name that an earlier life
   * has left may be just as new.
   */
  #notDurable(directory: string): { readonly path: string; readonly state: { isDurable: boolean } }[] {
    const found = [];
    for (let path = directory; path !== "."; path = parentOf(path)) {
      const state = this.#directories.get(path) ?? { isDurable: false };
      this.#directories.set(path, state);
      if (!state.isDurable) found.push({ path, state });
    }
    return found.reverse();
  }

  /** Removes the directory and those above it as far as they are empty; answers the first that is not. */
  #removeEmptyFrom(directory: string): string {
    let path = directory;
    while (path !== this.#directory && this.#disk.removeDir(path)) {
      this.#directories.delete(path);
      path = parentOf(path);
    }
    return path;
  }

  /** Objects below `folder` (with its slash, or empty) in the order of their keys. */
  *#walk(folder: string, prefix: string, afterKey: string): Generator<ObjectInfo> {
    const entries = this.#disk.list(this.#pathOfFolder(folder)).flatMap((name) => {
      const key = folder + name;
      if (!isStoreKey(key)) return [];
      // Seldom more than a look: what cannot hold wanted keys is not even looked at.
      if (!key.startsWith(prefix) && !prefix.startsWith(`${key}/`)) return [];
      const entry = this.#disk.look(this.#pathOf(key));
      if (entry === null) return [];
      return [{ entry, name: entry.isDirectory ? `${key}/` : key }];
    });
    // A folder's slash counts: "a-b/c" comes before "a/c".
    entries.sort((a, b) => a.name < b.name ? -1 : 1);
    for (const { entry, name } of entries) {
      if (!entry.isDirectory) {
        if (name > afterKey && name.startsWith(prefix)) yield infoOf(name, entry);
      } else if (name > afterKey || afterKey.startsWith(name)) yield* this.#walk(name, prefix, afterKey);
    }
  }

  #fileAt(path: string): DiskEntry | null {
    const entry = this.#disk.look(path);
    return entry === null || entry.isDirectory ? null : entry;
  }

  #isFolder(key: string): boolean {
    return this.#disk.look(this.#pathOf(key))?.isDirectory ?? false;
  }

  /** Of a folder as keys have it: with its slash, or empty. */
  #pathOfFolder(folder: string): string {
    return folder === "" ? this.#directory : this.#pathOf(folder.slice(0, -1));
  }

  #pathOf(key: string): string {
    return `${this.#directory}/${key}`;
  }

  /** A disk's errors in the words of a store. */
  async #withStoreErrors<T>(action: () => T | Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof KliteError)) throw error;
      if (error.code === "DISK_FAILED") {
        throw new KliteError("STORE_UNAVAILABLE", error.message, { retriable: true, cause: error });
      }
      if (error.code === "PERMISSION_DENIED") {
        throw new KliteError("STORE_REFUSED", error.message, { cause: error });
      }
      throw error;
    }
  }
}

function etagOf({ sizeBytes, modifiedMs, fileId }: DiskEntry): string {
  return `${sizeBytes}-${modifiedMs}-${fileId}`;
}

function infoOf(key: string, entry: DiskEntry): ObjectInfo {
  return { key, sizeBytes: entry.sizeBytes, etag: etagOf(entry), modifiedMs: entry.modifiedMs };
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}
