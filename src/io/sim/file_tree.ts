import { Inode } from "./inode.ts";
import type { SimRandom } from "./random.ts";

/** A change of a directory that its sync makes durable. */
type DirectoryChange =
  | { readonly kind: "link"; readonly path: string; readonly inode: Inode }
  | { readonly kind: "unlink"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly inode: Inode }
  | { readonly kind: "make"; readonly path: string }
  /** What was done in the directory before cannot become durable later than its end. */
  | { readonly kind: "unmake"; readonly path: string; readonly before: readonly DirectoryChange[] };

/** Names of files and directories: as the system shows them, and as far as they are on the platter. */
export class FileTree {
  readonly #files = new Map<string, Inode>();
  readonly #directories = new Set<string>(["."]);
  readonly #durableFiles: Map<string, Inode>;
  readonly #durableDirectories: Set<string>;
  #pending: DirectoryChange[] = [];
  #lastInodeId: number;

  constructor(
    files: ReadonlyMap<string, Inode> = new Map(),
    directories: ReadonlySet<string> = new Set(["."]),
    lastInodeId = 0,
  ) {
    this.#lastInodeId = lastInodeId;
    this.#durableFiles = new Map(files);
    this.#durableDirectories = new Set(directories);
    for (const [path, inode] of files) this.#files.set(path, inode);
    for (const path of directories) this.#directories.add(path);
  }

  get usedBytes(): number {
    let sum = 0;
    for (const inode of this.#files.values()) sum += inode.sizeBytes;
    return sum;
  }

  file(path: string): Inode | null {
    return this.#files.get(path) ?? null;
  }

  has(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path);
  }

  hasDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  list(path: string): string[] {
    const all = [...this.#files.keys(), ...this.#directories].filter((name) => name !== ".");
    return all.filter((name) => parentOf(name) === path).map(lastPartOf).sort();
  }

  create(path: string, nowMs: number): Inode {
    const inode = new Inode(++this.#lastInodeId, nowMs);
    this.#files.set(path, inode);
    this.#pending.push({ kind: "link", path, inode });
    return inode;
  }

  makeDir(path: string): void {
    if (this.#directories.has(path)) return;
    if (path.includes("/")) this.makeDir(parentOf(path));
    this.#directories.add(path);
    this.#pending.push({ kind: "make", path });
  }

  /** Answers whether it is gone: not if something is in it. */
  removeDir(path: string): boolean {
    if (!this.#directories.has(path)) return true;
    if (this.list(path).length > 0) return false;
    this.#directories.delete(path);
    const before = this.#pending.filter((change) => concerns(change, path));
    this.#pending.push({ kind: "unmake", path, before });
    return true;
  }

  rename(from: string, to: string, inode: Inode): void {
    this.#files.delete(from);
    this.#files.set(to, inode);
    this.#pending.push({ kind: "rename", from, to, inode });
  }

  remove(path: string): void {
    if (this.#files.delete(path)) this.#pending.push({ kind: "unlink", path });
  }

  /** How many changes are not durable yet: a mark for {@link sync}. */
  get changes(): readonly DirectoryChange[] {
    return [...this.#pending];
  }

  /** Those of `changes` that concern the directory reach the platter. */
  sync(directory: string, changes: readonly DirectoryChange[]): void {
    const reached = new Set(changes.filter((change) => concerns(change, directory)));
    for (const change of reached) {
      if (change.kind === "unmake") { for (const earlier of change.before) reached.add(earlier); }
    }
    for (const change of this.#pending) if (reached.has(change)) this.#reach(change);
    this.#pending = this.#pending.filter((change) => !reached.has(change));
  }

  /** What a power cut leaves: each change that was not synced has happened, or not. */
  afterPowerCut(random: SimRandom, keep: number): FileTree {
    for (const change of this.#pending) if (random.chance(keep)) this.#reach(change);
    this.#pending = [];
    const left = new Map<string, Inode>();
    for (const [path, inode] of this.#durableFiles) {
      if (this.#durableDirectories.has(parentOf(path))) left.set(path, inode.afterPowerCut(random, keep));
    }
    return new FileTree(left, this.#durableDirectories, this.#lastInodeId);
  }

  #reach(change: DirectoryChange): void {
    switch (change.kind) {
      case "link":
        this.#durableFiles.set(change.path, change.inode);
        return;
      case "unlink":
        this.#durableFiles.delete(change.path);
        return;
      case "make":
        this.#durableDirectories.add(change.path);
        return;
      case "unmake":
        this.#durableDirectories.delete(change.path);
        return;
      case "rename":
        this.#durableFiles.delete(change.from);
        this.#durableFiles.set(change.to, change.inode);
    }
  }
}

function concerns(change: DirectoryChange, directory: string): boolean {
  if (change.kind === "rename") {
    return parentOf(change.from) === directory || parentOf(change.to) === directory;
  }
  return parentOf(change.path) === directory;
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "." : path.slice(0, slash);
}

function lastPartOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
