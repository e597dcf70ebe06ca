import { join } from "node:path";

/**
 * Makes the system forget what it has cached of all files below `dir`: what is read next comes from
 * the disk. What programs hold in their own memory they keep.
 */
export async function dropPageCache(dir: string): Promise<void> {
  await new Deno.Command("sync", { args: ["-f", dir] }).output();
  await dropBelow(dir);
}

async function dropBelow(dir: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(dir)) {
    const path = join(dir, name);
    if (isDirectory) await dropBelow(path);
    if (isFile) await dropFile(path);
  }
}

/** dd has the one system call that does it, and calls it even when it copies nothing. */
async function dropFile(path: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("dd", {
    args: [`if=${path}`, "iflag=nocache", "count=0", "status=none"],
  }).output();
  if (!success) throw new Error(`dd: ${new TextDecoder().decode(stderr)}`);
}
