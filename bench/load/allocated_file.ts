const ZEROS_BYTES = 1024 * 1024;

/** Gives `file` its blocks, `bytes` of them in whole MiB, durably: what is written there later needs no new ones. */
export function allocate(file: Deno.FsFile, bytes: number): void {
  const zeros = new Uint8Array(ZEROS_BYTES);
  for (let at = 0; at < bytes; at += zeros.length) writeAll(file, zeros);
  file.syncSync();
}

/** Writes all of `bytes` where the file stands. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
