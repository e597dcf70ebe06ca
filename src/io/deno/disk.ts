import { KliteError } from "../../base/klite_error.ts";
import type { Disk, DiskEntry, DiskFile, DiskLock, OpenOptions } from "../disk.ts";
import { DirectFile, DirectIo } from "./direct_io.ts";
import { HandlePool } from "./handle_pool.ts";
import { edgeError, systemCode } from "./edge_error.ts";

/** As many as were ever asked for. Nobody writes to them, so they take next to no memory. */
let zeros = new Uint8Array(0);

/** The files below one directory of the machine. Needs read and write permission for it alone. */
export class DenoDisk implements Disk {
  readonly root: string;
  readonly #directIo: DirectIo;

  constructor(root: string, directIo = new DirectIo()) {
    this.root = root.length > 1 ? root.replace(/\/+$/, "") : root;
    this.#directIo = directIo;
  }

  open(path: string, options: OpenOptions = {}): DiskFile {
    return new DenoFile(path, this.#full(path), options, this.#directIo);
  }

  exists(path: string): boolean {
    try {
      Deno.statSync(this.#full(path));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw edgeError(error, "look at", this.#full(path));
    }
  }

  look(path: string): DiskEntry | null {
    try {
      const { isDirectory, size, mtime, ino } = Deno.statSync(this.#full(path));
      return { isDirectory, sizeBytes: size, modifiedMs: mtime?.getTime() ?? 0, fileId: ino ?? 0 };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
      throw edgeError(error, "look at", this.#full(path));
    }
  }

  list(path: string): string[] {
    try {
      return Array.from(Deno.readDirSync(this.#full(path)), (entry) => entry.name).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
      throw edgeError(error, "list", this.#full(path));
    }
  }

  makeDir(path: string): void {
    attempt("create", this.#full(path), (full) => Deno.mkdirSync(full, { recursive: true }));
  }

  removeDir(path: string): boolean {
    try {
      Deno.removeSync(this.#full(path));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      if (systemCode(error) === "ENOTEMPTY") return false;
      throw edgeError(error, "delete", this.#full(path));
    }
  }

  rename(from: string, to: string): void {
    attempt("rename", this.#full(from), (full) => Deno.renameSync(full, this.#full(to)));
  }

  remove(path: string): void {
    try {
      Deno.removeSync(this.#full(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw edgeError(error, "delete", this.#full(path));
    }
  }

  async discard(path: string): Promise<void> {
    try {
      await Deno.remove(this.#full(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw edgeError(error, "delete", this.#full(path));
    }
  }

  async syncDir(path: string): Promise<void> {
    const full = this.#full(path);
    try {
      using directory = Deno.openSync(full, { read: true });
      await directory.sync();
    } catch (error) {
      throw edgeError(error, "sync", full);
    }
  }

  lock(path: string): DiskLock {
    const full = this.#full(path);
    const file = attempt("open", full, () => Deno.openSync(full, { read: true, write: true, create: true }));
    if (!attempt("lock", full, () => file.tryLockSync(true))) {
      file.close();
      throw new KliteError("LOCKED", `${full} is locked: another klite uses this data directory`);
    }
    // The system lets go of the lock when the process ends, however it ends.
    return { release: () => file.close() };
  }

  #full(path: string): string {
    return path === "." ? this.root : `${this.root}/${path}`;
  }
}

/**
 * One file behind several handles: each has its own position, so that synchronous calls, calls
 * off the event loop and syncs never wait for one another, and direct writes their own ways.
 */
class DenoFile implements DiskFile {
  readonly path: string;
  readonly #full: string;
  readonly #isReadOnce: boolean;
  readonly #main: Deno.FsFile;
  readonly #direct: DirectFile;
  readonly #directDurable: DirectFile;
  readonly #background: HandlePool;
  #syncing: Deno.FsFile | null = null;

  constructor(path: string, full: string, options: OpenOptions, directIo: DirectIo) {
    const { create = false, isReadOnce = false } = options;
    this.path = path;
    this.#full = full;
    this.#isReadOnce = isReadOnce;
    this.#direct = new DirectFile(directIo, full, { durable: false });
    this.#directDurable = new DirectFile(directIo, full, { durable: true });
    this.#main = attempt("open", full, () => Deno.openSync(full, { read: true, write: true, create }));
    this.#background = new HandlePool(() => this.#anotherHandle());
  }

  sizeBytes(): number {
    return attempt("look at", this.#full, () => this.#main.statSync().size);
  }

  writeAtSync(bytes: Uint8Array, position: number): void {
    attempt("write", this.#full, () => {
      this.#main.seekSync(position, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) {
        done += this.#main.writeSync(done === 0 ? bytes : bytes.subarray(done));
      }
    });
  }

  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    if (await this.#writeDirectly(this.#direct, bytes, position)) return;
    await this.#inBackground("write", async (file) => {
      file.seekSync(position, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    });
  }

  async writeZeros(length: number, position: number): Promise<void> {
    if (await this.#writeDirectly(this.#direct, length, position)) return;
    if (zeros.length < length) zeros = new Uint8Array(length);
    await this.writeAt(zeros.subarray(0, length), position);
  }

  async writeThrough(bytes: Uint8Array, position: number): Promise<void> {
    if (await this.#writeDirectly(this.#directDurable, bytes, position)) return;
    this.writeAtSync(bytes, position);
    await this.sync();
  }

  readAtSync(into: Uint8Array, position: number): number {
    return attempt("read", this.#full, () => {
      this.#main.seekSync(position, Deno.SeekMode.Start);
      let done = 0;
      while (done < into.length) {
        const count = this.#main.readSync(into.subarray(done));
        if (count === null) break;
        done += count;
      }
      return done;
    });
  }

  async readAt(into: Uint8Array, position: number): Promise<number> {
    const directly = this.#isReadOnce ? await this.#readDirectly(into, position) : undefined;
    if (directly !== undefined) return directly;
    return await this.#inBackground("read", async (file) => {
      file.seekSync(position, Deno.SeekMode.Start);
      let done = 0;
      while (done < into.length) {
        const count = await file.read(into.subarray(done));
        if (count === null) break;
        done += count;
      }
      return done;
    });
  }

  async sync(): Promise<void> {
    this.#syncing ??= this.#anotherHandle();
    try {
      await this.#syncing.syncData();
    } catch (error) {
      throw edgeError(error, "sync", this.#full);
    }
  }

  close(): void {
    this.#main.close();
    this.#background.close();
    this.#syncing?.close();
    void this.#direct.close();
    void this.#directDurable.close();
  }

  async #readDirectly(into: Uint8Array, position: number): Promise<number | undefined> {
    try {
      return await this.#direct.read(into, position);
    } catch (error) {
      throw edgeError(error, "read", this.#full);
    }
  }

  async #writeDirectly(
    writer: DirectFile,
    bytes: Uint8Array | number,
    position: number,
  ): Promise<boolean> {
    try {
      return await writer.write(bytes, position);
    } catch (error) {
      throw edgeError(error, "write", this.#full);
    }
  }

  #anotherHandle(): Deno.FsFile {
    return attempt("open", this.#full, (full) => Deno.openSync(full, { read: true, write: true }));
  }

  async #inBackground<T>(verb: string, use: (file: Deno.FsFile) => Promise<T>): Promise<T> {
    const handle = await this.#background.take();
    try {
      return await use(handle);
    } catch (error) {
      throw edgeError(error, verb, this.#full);
    } finally {
      this.#background.giveBack(handle);
    }
  }
}

function attempt<T>(verb: string, full: string, action: (full: string) => T): T {
  try {
    return action(full);
  } catch (error) {
    throw edgeError(error, verb, full);
  }
}
