import { statfsSync } from "node:fs";
import type { Machine } from "../machine.ts";

/** The machine that this process runs on. */
export class DenoMachine implements Machine {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  freeBytes(): number | null {
    for (const path of [this.#dataDir, "."]) {
      try {
        const { bavail, bsize } = statfsSync(path);
        return bavail * bsize;
      } catch (error) {
        // Without the permission, or on a system that has no such call, nobody can know.
        if (!isMissing(error)) return null;
      }
    }
    return null;
  }

  openFilesUpTo(count: number): number {
    const files: Deno.FsFile[] = [];
    try {
      while (files.length < count) files.push(Deno.openSync(import.meta.filename ?? this.#dataDir));
    } catch (error) {
      // Any reason not to open one more is the answer.
      if (!(error instanceof Error)) throw error;
    } finally {
      for (const file of files) file.close();
    }
    return files.length;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
