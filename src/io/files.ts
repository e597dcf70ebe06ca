/** Small files that the operator names: certificates, secrets, lists of users. Not the broker's own data, see `Disk`. */
export interface Files {
  /**
   * All of a file. `KliteError` with `NOT_FOUND`, `PERMISSION_DENIED` or `DISK_FAILED`, which names the path, and
   * `BAD_CONFIG` when the file is larger than {@link FILE_BYTES_MAX}.
   */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** When a file was last changed, wall clock; `null` when it is not there. Cheap enough to ask every few seconds. */
  changedAtMs(path: string): Promise<number | null>;
}

/** What {@link Files.read} takes at most. */
export const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** A secret that is a file's content, without line ends behind it. Fails as {@link Files.read} does. */
export async function readSecret(files: Files, path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path)).replace(/[\r\n]+$/, "");
}
