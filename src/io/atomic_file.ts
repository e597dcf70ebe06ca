import type { Disk } from "./disk.ts";

/**
 * Writes a whole file so that it is there in full or not at all, durably:
 * written beside, synced, renamed, the directory synced.
 */
export async function writeFileAtomically(
  disk: Disk,
  directory: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const path = directory === "." ? name : `${directory}/${name}`;
  const beside = `${path}.new`;
  disk.remove(beside);
  const file = disk.open(beside, { create: true });
  try {
    await file.writeAt(bytes, 0);
    await file.sync();
    file.close();
  } catch (error) {
    file.close();
    // On a full disk half a file would keep the room that others need.
    disk.remove(beside);
    throw error;
  }
  disk.rename(beside, path);
  await disk.syncDir(directory);
}

/** The whole of a file, which must exist. */
export function readWholeFile(disk: Disk, path: string): Uint8Array<ArrayBuffer> {
  const file = disk.open(path);
  try {
    const bytes = new Uint8Array(file.sizeBytes());
    return bytes.subarray(0, file.readAtSync(bytes, 0));
  } finally {
    file.close();
  }
}
